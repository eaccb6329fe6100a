-- The journal and what is written with it in one transaction. PostgreSQL 15-18, no extension.
-- compat: 1
--
-- Roles: goldenhour_app (people's requests, row-level security by identity), goldenhour_worker (relay,
-- timers, effects, gateways). Neither owns anything; both are NOSUPERUSER NOBYPASSRLS.

create table event (
  seq           bigint generated always as identity primary key,
  stream        text not null,
  version       integer not null check (version > 0),
  topic         text not null,
  kind          text not null,
  body          bytea not null,             -- the exact bytes that were hashed
  actor         text not null,
  seat          text not null,
  role          text not null,
  org           text not null,              -- who said it
  owner         text not null,              -- who owns the stream
  installation  text not null,
  sequence      bigint not null,
  part          integer not null,
  fingerprint   bytea not null,
  occurred_ms   bigint not null,
  received_ms   bigint not null,
  origin        bytea not null,
  previous_hash bytea not null,
  hash          bytea not null,
  unique (stream, version),
  unique (installation, sequence, part)
);
create index event_received on event (received_ms);

create table stream_head (
  stream     text primary key,
  topic      text not null,
  owner      text not null,
  version    integer not null,
  hash       bytea not null,
  is_open    boolean not null,
  begun_ms   bigint not null,
  changed_ms bigint not null,
  case_stream text not null                 -- the incident of its case, or empty
);
create index stream_head_case on stream_head (case_stream) where case_stream <> '';
create index stream_head_open on stream_head (topic) where is_open;
create index stream_head_begun on stream_head (topic, begun_ms);

-- Not yet numbered; the relay moves rows from here into `feed`.
create table outbox (
  seq    bigint primary key,
  stream text not null
);

-- Dense delivery numbers: every cursor outside the database is one of these.
create table feed (
  delivery bigint primary key,
  seq      bigint not null unique references event (seq),
  stream   text not null
);

-- What a stream holds alone: the primary key is the rule.
create table claim (
  kind   text not null,
  key    text not null,
  stream text not null,
  primary key (kind, key)
);

create table timer (
  key     text primary key,
  due_ms  bigint not null,
  command bytea not null,
  fired   integer not null default 0
);
create index timer_due on timer (due_ms);

create table effect (
  key       text primary key,
  kind      text not null,
  body      jsonb not null,
  due_ms    bigint not null,
  attempts  integer not null default 0,
  done_ms   bigint,
  outcome   text not null default ''
);
create index effect_due on effect (kind, due_ms) where done_ms is null;

create table access_grant (
  org      text not null,
  stream   text not null,
  until_ms bigint,
  primary key (org, stream)
);

create table personal (
  row_id     text primary key,
  stream     text not null,
  topic      text not null,
  owner      text not null,
  salt       bytea,
  content    bytea,
  written_ms bigint not null,
  erased_ms  bigint,
  check ((salt is null) = (content is null))
);

-- The same (installation, sequence) with other bytes: an alarm, never silently dropped.
create table quarantine (
  id           bigint generated always as identity primary key,
  reason       text not null,
  installation text not null,
  sequence     bigint not null,
  content      bytea not null,
  received_ms  bigint not null
);

create table case_number (
  day  text primary key,
  last integer not null
);

-- Merkle roots over the changed heads, chained and signed once a minute.
create table root (
  id         bigint primary key,
  made_ms    bigint not null,
  delivery   bigint not null,
  heads      bytea not null,
  previous   bytea not null,
  hash       bytea not null,
  signature  bytea not null
);

-- Telemetry: own append stores, partitioned by day (partitions are made ahead by the worker).
create table fix (
  unit_id     text not null,
  device_ms   bigint not null,
  received_ms bigint not null,
  lat         double precision,
  lon         double precision,
  speed_kmh   real not null,
  heading_deg integer not null,
  altitude_m  integer not null,
  catch_up    boolean not null,
  mileage_km  double precision,
  satellites  integer,
  alarms      text not null
) partition by range (received_ms);
create index fix_unit on fix (unit_id, device_ms);
create table fix_rest partition of fix default;

create table vital (
  unit_id     text not null,
  device_id   text not null,
  device_ms   bigint,
  received_ms bigint not null,
  content     bytea not null
) partition by range (received_ms);
create index vital_unit on vital (unit_id, received_ms);
create table vital_rest partition of vital default;

create table painted (
  seat     text primary key,
  person   text not null,
  delivery bigint not null,
  at_ms    bigint not null
);

-- ---- Row-level security: the second wall.
-- Identity is set inside each transaction: app.orgs and app.topics, comma separated. A missing setting
-- raises; an empty one sees nothing. The scalar sub-selects are evaluated once a statement, not once a row.

alter table event enable row level security;
alter table event force row level security;
alter table stream_head enable row level security;
alter table stream_head force row level security;
alter table personal enable row level security;
alter table personal force row level security;

create policy event_read on event for select to goldenhour_app using (
  topic = any ((select string_to_array(current_setting('app.topics'), ','))::text[])
  and (
    owner = any ((select string_to_array(current_setting('app.orgs'), ','))::text[])
    or stream in (
      select g.stream from access_grant g
      where g.org = any ((select string_to_array(current_setting('app.orgs'), ','))::text[])
        and (g.until_ms is null or g.until_ms > (select current_setting('app.now_ms')::bigint))
    )
  )
);
create policy event_write on event for insert to goldenhour_app with check (
  topic = any ((select string_to_array(current_setting('app.topics'), ','))::text[])
  and (
    owner = any ((select string_to_array(current_setting('app.orgs'), ','))::text[])
    or stream in (
      select g.stream from access_grant g
      where g.org = any ((select string_to_array(current_setting('app.orgs'), ','))::text[])
        and (g.until_ms is null or g.until_ms > (select current_setting('app.now_ms')::bigint))
    )
  )
);
create policy event_worker on event to goldenhour_worker using (true) with check (true);

create policy head_read on stream_head for select to goldenhour_app using (
  topic = any ((select string_to_array(current_setting('app.topics'), ','))::text[])
  and (
    owner = any ((select string_to_array(current_setting('app.orgs'), ','))::text[])
    or stream in (
      select g.stream from access_grant g
      where g.org = any ((select string_to_array(current_setting('app.orgs'), ','))::text[])
        and (g.until_ms is null or g.until_ms > (select current_setting('app.now_ms')::bigint))
    )
  )
);
create policy head_write on stream_head for insert to goldenhour_app with check (true);
create policy head_move on stream_head for update to goldenhour_app using (
  topic = any ((select string_to_array(current_setting('app.topics'), ','))::text[])
) with check (true);
create policy head_worker on stream_head to goldenhour_worker using (true) with check (true);

create policy personal_read on personal for select to goldenhour_app using (
  topic = any ((select string_to_array(current_setting('app.topics'), ','))::text[])
  and (
    owner = any ((select string_to_array(current_setting('app.orgs'), ','))::text[])
    or stream in (
      select g.stream from access_grant g
      where g.org = any ((select string_to_array(current_setting('app.orgs'), ','))::text[])
        and (g.until_ms is null or g.until_ms > (select current_setting('app.now_ms')::bigint))
    )
  )
);
create policy personal_write on personal for insert to goldenhour_app with check (true);
create policy personal_worker on personal to goldenhour_worker using (true) with check (true);

grant select, insert on event, personal to goldenhour_app, goldenhour_worker;
grant select, insert, update on stream_head to goldenhour_app, goldenhour_worker;
grant select, insert, delete on outbox to goldenhour_app, goldenhour_worker;
grant select on feed to goldenhour_app;
grant select, insert on feed to goldenhour_worker;
grant select, insert, delete on claim to goldenhour_app, goldenhour_worker;
grant select, insert, update, delete on timer, effect, access_grant to goldenhour_app, goldenhour_worker;
grant select, insert on quarantine, root to goldenhour_app, goldenhour_worker;
grant select, insert, update on case_number, painted to goldenhour_app, goldenhour_worker;
grant select, insert on fix, vital to goldenhour_app, goldenhour_worker;
