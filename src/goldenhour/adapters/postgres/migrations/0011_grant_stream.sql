-- Whom a stream was given to, found by the stream: every delivery asks it once.
-- compat: 1

create index access_grant_stream on access_grant (stream);
