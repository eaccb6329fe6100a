-- How far a vehicle's clock was from the centre's, as it measured it over its own link: what its
-- times are proved with afterwards.
-- compat: 1

create table vehicle_clock (
  unit_id        text not null,
  heard_ms       bigint not null,
  offset_ms      bigint not null,
  uncertainty_ms bigint not null,
  primary key (unit_id, heard_ms)
);

grant select, insert on vehicle_clock to goldenhour_worker;
