-- A patient's stream never ends; it leaves the live screens with its case.
-- compat: 1

update stream_head set is_open = false where topic = 'patient';
