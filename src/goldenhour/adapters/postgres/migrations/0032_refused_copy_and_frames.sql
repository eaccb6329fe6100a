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

-- Frames of a vehicle terminal while somebody looked at it, and whether its driver confirms a text.
create table terminal_frame (
  phone   text not null,
  line_ms bigint not null,    -- when the connection began
  n       bigint not null,    -- the frame's number on it, from 1; a gap was not kept
  at_ms   bigint not null,
  sent    boolean not null,   -- by us
  frame   bytea not null,
  primary key (phone, line_ms, n)
);
alter table device add column reads text not null default 'no';

grant select, insert, delete on terminal_frame to goldenhour_worker;
