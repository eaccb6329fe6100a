-- What a vehicle terminal told last of its driver's card, without the person.
-- compat: 1

create table terminal_driver (
  phone    text primary key,
  content  bytea not null,
  heard_ms bigint not null
);

grant select, insert, update on terminal_driver to goldenhour_worker;
