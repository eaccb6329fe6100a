-- Erasing personal text, and the holds that forbid it.
-- compat: 2

create table legal_hold (
  case_stream text not null,
  reason      text not null,
  person      text not null,
  since_ms    bigint not null,
  lifted_ms   bigint,
  primary key (case_stream, since_ms)
);
create index legal_hold_running on legal_hold (case_stream) where lifted_ms is null;

grant select, insert, update (lifted_ms) on legal_hold to goldenhour_worker;
-- The text and its salt, nothing else of the row: that it was there stays visible.
grant update (salt, content, erased_ms) on personal to goldenhour_worker;
