-- What of another node's streams could not be kept here, for the people who can telephone that node.
-- compat: 1

create table refused_copy (
  node         text not null,
  stream       text not null,
  version      integer not null,   -- the newest that was told
  reason       text not null,      -- a code
  first_ms     bigint not null,
  last_ms      bigint not null,
  times        bigint not null,
  dismissed_ms bigint,
  dismissed_by text not null default '',
  primary key (node, stream)
);

grant select, insert, update, delete on refused_copy to goldenhour_worker;
