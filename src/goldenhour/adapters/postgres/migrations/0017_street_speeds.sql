-- What was learnt of a road network's speeds from own runs; a network is known by its digest.
-- compat: 1

create table street_speeds (
  network    text primary key,
  learnt_ms  bigint not null,
  content    bytea not null,
  experience bytea not null,
  factors    bytea not null
);

grant select, insert, update on street_speeds to goldenhour_worker;
