-- Between the vehicle gateway and the administrator's page: how terminals stand, what is asked of them.
-- compat: 1

create table terminal_state (
  phone      text primary key,
  content    bytea not null,
  changed_ms bigint not null,
  looked_ms  bigint not null default 0
);

create table terminal_order (
  id       text primary key,
  phone    text not null,
  content  bytea not null,
  asked_ms bigint not null,
  done_ms  bigint
);
create index terminal_order_phone on terminal_order (phone, asked_ms desc);
create index terminal_order_waiting on terminal_order (asked_ms) where done_ms is null;

grant select, insert, update on terminal_state, terminal_order to goldenhour_worker;
