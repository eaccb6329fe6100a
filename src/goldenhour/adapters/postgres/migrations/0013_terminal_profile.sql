-- How a vehicle terminal departs from JT/T 808: the datum of its coordinates, the time of its clock.
-- compat: 1

alter table device add column datum text not null default 'wgs84';
alter table device add column clock text not null default 'china';

-- When a terminal fetched its key by registering. Those that are in use have theirs.
alter table device add column key_given_ms bigint;
update device set key_given_ms = seen_ms where kind = 'terminal';
