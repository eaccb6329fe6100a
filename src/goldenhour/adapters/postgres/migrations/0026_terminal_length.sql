-- How a vehicle terminal departs from JT/T 808: the length that its headers state may be wrong.
-- compat: 1

alter table device add column length text not null default 'stated';
