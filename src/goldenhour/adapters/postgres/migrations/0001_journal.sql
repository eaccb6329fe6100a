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
  -- Checked at commit: a grant is written before the stream that it opens.
  stream   text not null references stream_head deferrable initially deferred,
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

-- ---- Row-level security: the second wall. docs/adr/0012-second-wall.md says what it holds and what not.
-- Identity is set inside each transaction: app.orgs and app.topics, comma separated. A missing setting
-- raises; an empty one sees nothing. The scalar sub-selects are evaluated once a statement, not once a row.

create function app_orgs() returns text[] stable language sql
  return string_to_array(current_setting('app.orgs'), ',');
create function app_topics() returns text[] stable language sql
  return string_to_array(current_setting('app.topics'), ',');
create function app_now_ms() returns bigint stable language sql
  return current_setting('app.now_ms')::bigint;

-- A policy that asked these tables under the caller's own rights would ask itself without end, so these
-- two look as the owner of the schema, who is given a policy for it (the tables FORCE security on owners).
create function stream_owner(wanted text) returns text stable security definer
  set search_path = public, pg_temp language sql
  return (select h.owner from stream_head h where h.stream = wanted);
create function is_granted(wanted text) returns boolean stable security definer
  set search_path = public, pg_temp language sql
  return exists (
    select from access_grant g
    where g.stream = wanted and g.org = any (app_orgs())
      and (g.until_ms is null or g.until_ms > app_now_ms())
  );

alter table event enable row level security;
alter table event force row level security;
alter table stream_head enable row level security;
alter table stream_head force row level security;
alter table personal enable row level security;
alter table personal force row level security;
alter table access_grant enable row level security;
alter table access_grant force row level security;
alter table claim enable row level security;
alter table claim force row level security;

create policy head_owner on stream_head for select to current_user using (true);
create policy grant_owner on access_grant for select to current_user using (true);

-- Read and write: one's own organisations' streams, and those that are granted for now.
create policy event_read on event for select to goldenhour_app using (
  topic = any ((select app_topics())::text[])
  and (
    owner = any ((select app_orgs())::text[])
    or stream in (
      select g.stream from access_grant g
      where g.org = any ((select app_orgs())::text[])
        and (g.until_ms is null or g.until_ms > (select app_now_ms()))
    )
  )
);
create policy event_write on event for insert to goldenhour_app with check (
  topic = any ((select app_topics())::text[])
  and (owner = any ((select app_orgs())::text[]) or is_granted(stream))
);
create policy event_worker on event to goldenhour_worker using (true) with check (true);

create policy head_read on stream_head for select to goldenhour_app using (
  topic = any ((select app_topics())::text[])
  and (
    owner = any ((select app_orgs())::text[])
    or stream in (
      select g.stream from access_grant g
      where g.org = any ((select app_orgs())::text[])
        and (g.until_ms is null or g.until_ms > (select app_now_ms()))
    )
  )
);
-- A guest begins a stream (a crew its patient) only in a case that is granted to it, for the case's owner.
create policy head_write on stream_head for insert to goldenhour_app with check (
  topic = any ((select app_topics())::text[])
  and (
    owner = any ((select app_orgs())::text[])
    or (is_granted(stream) and is_granted(case_stream) and stream_owner(case_stream) = owner)
  )
);
create policy head_move on stream_head for update to goldenhour_app using (
  topic = any ((select app_topics())::text[])
  and (owner = any ((select app_orgs())::text[]) or is_granted(stream))
);
create policy head_worker on stream_head to goldenhour_worker using (true) with check (true);

create policy personal_read on personal for select to goldenhour_app using (
  topic = any ((select app_topics())::text[])
  and (
    owner = any ((select app_orgs())::text[])
    or stream in (
      select g.stream from access_grant g
      where g.org = any ((select app_orgs())::text[])
        and (g.until_ms is null or g.until_ms > (select app_now_ms()))
    )
  )
);
create policy personal_write on personal for insert to goldenhour_app with check (
  topic = any ((select app_topics())::text[])
  and (owner = any ((select app_orgs())::text[]) or is_granted(stream))
);
create policy personal_worker on personal to goldenhour_worker using (true) with check (true);

-- Whoever may read a stream may share it. A stream without an owner is one that this transaction begins.
create policy grant_read on access_grant for select to goldenhour_app using (
  org = any (app_orgs())
  or coalesce(stream_owner(stream) = any (app_orgs()), true)
  or is_granted(stream)
);
create policy grant_write on access_grant for insert to goldenhour_app with check (
  coalesce(stream_owner(stream) = any (app_orgs()), true) or is_granted(stream)
);
create policy grant_change on access_grant for update to goldenhour_app using (
  coalesce(stream_owner(stream) = any (app_orgs()), true) or is_granted(stream)
);
create policy grant_worker on access_grant to goldenhour_worker using (true) with check (true);

create policy claim_own on claim to goldenhour_app using (
  stream_owner(stream) = any (app_orgs()) or is_granted(stream)
);
create policy claim_worker on claim to goldenhour_worker using (true) with check (true);

-- People's requests: the append and the reading of streams, nothing else. Columns that an append never
-- changes (whose stream it is, what an effect came to) cannot be changed.
grant select, insert on event, personal to goldenhour_app;
grant select, insert, update (version, hash, is_open, changed_ms, case_stream) on stream_head
  to goldenhour_app;
grant insert on outbox to goldenhour_app;
grant select, insert, delete on claim to goldenhour_app;
grant select, insert, update (due_ms, command), delete on timer to goldenhour_app;
grant select (key), insert (key, kind, body, due_ms) on effect to goldenhour_app;
grant select, insert, update (until_ms) on access_grant to goldenhour_app;

grant select, insert on event, personal, feed, quarantine, root, fix, vital to goldenhour_worker;
grant select, insert, update on stream_head, case_number, painted to goldenhour_worker;
grant select, insert, delete on outbox, claim to goldenhour_worker;
grant select, insert, update, delete on timer, effect, access_grant to goldenhour_worker;
