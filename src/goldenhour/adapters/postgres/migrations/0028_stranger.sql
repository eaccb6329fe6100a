-- Devices that spoke to a vehicle's computer or to the centre and are in no register, for the
-- administrator who may register or dismiss them.
-- compat: 1

create table stranger (
  place        text not null,   -- the unit whose computer heard it; empty: the centre's gateway
  others       integer not null,
  way          text not null,
  device_id    text not null,
  first_ms     bigint not null,
  heard_ms     bigint not null,
  times        bigint not null,
  reason       text not null,
  dismissed_ms bigint,
  dismissed_by text not null default '',
  primary key (place, way, device_id)
);

grant select, insert, update, delete on stranger to goldenhour_worker;
