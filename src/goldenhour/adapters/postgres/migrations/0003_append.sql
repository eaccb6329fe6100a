-- One event and nothing else, in one round trip: identity, event, head and outbox row.
-- compat: 1
--
-- Runs with the rights of whoever calls it, so row-level security decides as everywhere. It commits
-- with the statement that calls it; appends that also touch claims, timers, effects, grants or
-- personal rows go through a transaction of several statements (journal.py).

create function append_plain(
  p_orgs text, p_topics text, p_now text,
  p_stream text, p_version integer, p_topic text, p_kind text, p_body bytea, p_actor text,
  p_seat text, p_role text, p_org text, p_owner text, p_installation text, p_sequence bigint,
  p_part integer, p_fingerprint bytea, p_occurred_ms bigint, p_received_ms bigint,
  p_origin bytea, p_previous_hash bytea, p_hash bytea, p_is_open boolean, p_now_ms bigint,
  p_case_stream text
) returns void language plpgsql as $$
begin
  perform set_config('app.orgs', p_orgs, true), set_config('app.topics', p_topics, true),
    set_config('app.now_ms', p_now, true);
  with e as (
    insert into event (stream, version, topic, kind, body, actor, seat, role, org, owner,
      installation, sequence, part, fingerprint, occurred_ms, received_ms, origin, previous_hash,
      hash)
    values (p_stream, p_version, p_topic, p_kind, p_body, p_actor, p_seat, p_role, p_org, p_owner,
      p_installation, p_sequence, p_part, p_fingerprint, p_occurred_ms, p_received_ms, p_origin,
      p_previous_hash, p_hash)
    returning seq, stream
  ), h as (
    insert into stream_head as s (stream, topic, owner, version, hash, is_open, begun_ms,
      changed_ms, case_stream)
    values (p_stream, p_topic, p_owner, p_version, p_hash, p_is_open, p_received_ms, p_now_ms,
      p_case_stream)
    on conflict (stream) do update set version = excluded.version, hash = excluded.hash,
      is_open = excluded.is_open, changed_ms = excluded.changed_ms,
      case_stream = excluded.case_stream
      where s.version < excluded.version
  )
  insert into outbox (seq, stream) select seq, stream from e;
end $$;

revoke execute on function append_plain from public;
grant execute on function append_plain to goldenhour_app, goldenhour_worker;
