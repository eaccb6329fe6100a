-- Rights by their cause: a hospital that two patients of one case go to reads the case until the last
-- of them is gone or handed over, not until the first is sent elsewhere.
-- compat: 2

alter table access_grant add column cause text not null default '';
alter table access_grant drop constraint access_grant_pkey;
alter table access_grant add primary key (org, stream, cause);

-- What a hospital was given before: one right for each of the case's hand-overs to it. The rights of
-- vehicles end with the case, whatever their cause, and stay as they are.
alter table access_grant no force row level security;
insert into access_grant (org, stream, cause, until_ms)
  select g.org, g.stream, h.stream, h.until_ms
  from access_grant g
  join stream_head s on s.stream = g.stream
  join stream_head hs on hs.topic = 'handover' and hs.case_stream = s.case_stream
  join access_grant h on h.stream = hs.stream and h.org = g.org
  where g.org like 'hospital:%' and s.case_stream <> ''
    and (s.topic <> 'handover' or g.stream = h.stream);
delete from access_grant g using stream_head s
  where s.stream = g.stream and s.case_stream <> '' and g.org like 'hospital:%' and g.cause = '';
-- The deferred check of the new rows, or the table cannot be altered in this transaction.
set constraints all immediate;
alter table access_grant force row level security;
