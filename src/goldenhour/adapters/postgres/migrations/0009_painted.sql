-- What each seat had shown, as a history: one row each time a screen acknowledges what it painted.
-- compat: 2
--
-- A screen acknowledges at most once a second and only when it shows something newer: with 40 seats and
-- 60,000 deliveries a day at most 2.4 million rows a day. The worker prunes what is older than 90 days
-- (adapters/postgres/painted.py), the time for which positions are kept whole.
-- Compat 2: a release that knows only one row a seat cannot write here.

alter table painted rename to painted_last;
create table painted (
  seat     text not null,
  person   text not null,
  role     text not null,                   -- with `org`: what this seat could read at all
  org      text not null,
  delivery bigint not null,
  at_ms    bigint not null
) partition by range (at_ms);
create index painted_at on painted (at_ms);
create table painted_rest partition of painted default;

-- The last delivery of each seat is kept; what it could read is not known of these.
insert into painted (seat, person, role, org, delivery, at_ms)
  select seat, person, '', '', delivery, at_ms from painted_last;
drop table painted_last;

grant select, insert, delete on painted to goldenhour_worker;
