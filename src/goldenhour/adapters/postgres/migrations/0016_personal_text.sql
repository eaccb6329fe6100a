-- In which patients' records a number was written: a resident's earlier ECG is looked for by it.
-- compat: 1

create index personal_number on personal (content)
  where topic = 'patient' and octet_length(content) <= 128;
