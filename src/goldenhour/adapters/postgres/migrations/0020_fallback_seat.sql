-- A centre's fallback seat is a device of kind `seat`: it belongs to a centre, not to a vehicle.
-- compat: 1

alter table device add column org text not null default '';
alter table device add column seat text not null default '';
