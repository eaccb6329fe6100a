-- The way of an ended run along the streets, as it was guessed then, page by page.
-- compat: 1

create table matched_way (
  mission_id text not null,
  from_ms    bigint not null,
  content    bytea not null,
  primary key (mission_id, from_ms)
);

grant select, insert on matched_way to goldenhour_worker;
