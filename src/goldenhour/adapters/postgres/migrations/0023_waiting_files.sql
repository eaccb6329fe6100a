-- Which runs got files before anybody had said whose they are: the quality desk looks for what still waits.
-- compat: 1

create index event_file_added on event (received_ms) where kind = 'mission.file_added.v1';
