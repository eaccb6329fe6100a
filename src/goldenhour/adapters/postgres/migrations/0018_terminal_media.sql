-- What vehicle terminals took (their bytes lie in the state folder), and what they said that they took.
-- compat: 1

create table terminal_media (
  phone       text not null,
  media_id    bigint not null,
  sha256      text not null,
  content     bytea not null,
  received_ms bigint not null,
  primary key (phone, media_id, sha256)
);
create index terminal_media_newest on terminal_media (phone, received_ms desc);

create table terminal_media_announced (
  phone    text not null,
  media_id bigint not null,
  content  bytea not null,
  heard_ms bigint not null,
  primary key (phone, media_id)
);

grant select, insert on terminal_media to goldenhour_worker;
grant select, insert, update, delete on terminal_media_announced to goldenhour_worker;
