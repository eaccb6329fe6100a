-- People, organisations, sessions, vehicles' own keys.
-- compat: 1

create table organisation (
  id      text primary key,
  parent  text references organisation (id),
  kind    text not null,
  name    text not null,
  name_en text not null
);

create table person (
  id            text primary key,
  username      text not null unique,
  name          text not null,
  role          text not null,
  org           text not null references organisation (id),
  seat          text not null,
  unit_id       text not null,
  hospital_id   text not null,
  password_hash text not null,
  totp_secret   text not null,              -- empty: no second factor set up
  active        boolean not null,
  demo          boolean not null,
  changed_ms    bigint not null
);

create table session (
  token_hash   bytea primary key,           -- SHA-256 of the cookie; the cookie itself is nowhere
  person_id    text not null references person (id),
  made_ms      bigint not null,
  seen_ms      bigint not null,
  expires_ms   bigint not null,
  revoked_ms   bigint
);
create index session_person on session (person_id) where revoked_ms is null;

create table device (
  id        text primary key,               -- a vehicle terminal's number, a monitor's id, an edge's installation
  kind      text not null,                  -- terminal, monitor, edge, caller
  unit_id   text not null,
  key       text not null,
  enabled   boolean not null
);

-- How far the upload of each vehicle has come.
create table edge_progress (
  installation text primary key,
  unit_id      text not null,
  through      bigint not null
);

create table access_log (
  id      bigint generated always as identity primary key,
  at_ms   bigint not null,
  person  text not null,
  action  text not null,
  subject text not null,
  outcome text not null
);

-- Nothing for goldenhour_app: who a request comes from is found out by the system, not by the request.
grant select, insert, update on organisation, person, session, device, edge_progress to goldenhour_worker;
grant select, insert on access_log to goldenhour_worker;
