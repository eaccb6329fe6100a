-- A timer that was set anew since it was read is another one: answering the first takes nothing from it.
-- compat: 1

-- As in 0030, but for the timer, which is removed only as it was read. A worker of an older release
-- does not say when its timer was due.
create or replace function append(doc jsonb) returns void language plpgsql security definer
  set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
  -- Only the system's own processes log in as this role; they carry out timers and uploads.
  is_system constant boolean := session_user = 'goldenhour_worker';
  now_ms constant bigint := doc ->> 'now_ms';
  fingerprint constant bytea := decode(doc ->> 'fingerprint', 'base64');
  orgs constant text[] := string_to_array(doc ->> 'orgs', ',');
  topics constant text[] := string_to_array(doc ->> 'topics', ',');
  s record;
  r record;
  head stream_head;
begin
  if doc ->> 'timer_key' is not null then
    delete from timer where key = (
      select t.key from timer t where t.key = doc ->> 'timer_key'
        and t.due_ms = coalesce((doc ->> 'timer_due_ms')::bigint, t.due_ms) and t.due_ms <= now_ms
      for update skip locked);
    if not found then
      raise exception using errcode = 'GH001', message = 'the timer is gone';
    end if;
  end if;

  -- Grants come first, since a guest may write only what is granted to it. A stream that does not exist
  -- yet may be granted by the transaction that begins it (a foreign key that is checked at commit).
  if doc -> 'grants' is not null then
    for r in
      select g.org, stream, g.cause, g.until_ms, coalesce(g.whole, false) as whole
      from jsonb_to_recordset(doc -> 'grants')
          as g (org text, streams jsonb, cause text, until_ms bigint, whole boolean),
        jsonb_array_elements_text(g.streams) as stream
    loop
      select * into head from stream_head h where h.stream = r.stream;
      if found and not (is_system or head.owner = any (orgs) or is_open_to(r.stream, orgs, now_ms)) then
        raise insufficient_privilege using message = 'not yours to share: ' || r.stream;
      end if;
      -- Whole cases are shared by whoever has them whole: a guest of one patient has no more to give.
      if r.whole and not (is_system or head.owner = any (orgs)
        or exists (select from access_grant g where g.stream = r.stream and g.org = any (orgs)
          and g.whole and (g.until_ms is null or g.until_ms > now_ms)))
      then
        raise insufficient_privilege using message = 'not yours to share whole: ' || r.stream;
      end if;
      insert into access_grant (org, stream, cause, until_ms, whole)
      values (r.org, r.stream, r.cause, r.until_ms, r.whole)
      on conflict (org, stream, cause) do update
        set until_ms = excluded.until_ms, whole = excluded.whole;
      if r.whole then
        insert into access_grant (org, stream, cause, until_ms)
        select r.org, h.stream, r.cause, r.until_ms from stream_head h
        where h.case_stream = r.stream and h.case_stream <> '' and h.stream <> r.stream
        on conflict (org, stream, cause) do update set until_ms = excluded.until_ms;
      end if;
    end loop;
  end if;

  for s in
    select * from jsonb_to_recordset(doc -> 'streams') as x (
      stream text, owner text, before integer, previous text, version integer, hash text,
      is_open boolean, case_stream text, node text, events jsonb, released jsonb, cancelled jsonb)
  loop
    if not (is_system or split_part(s.stream, ':', 1) = any (topics)) then
      raise insufficient_privilege using message = 'not of this purpose: ' || s.stream;
    end if;
    -- Who has a case whole has what begins in it, or comes to it, too.
    if s.case_stream not in ('', s.stream) then
      insert into access_grant (org, stream, cause, until_ms)
      select g.org, s.stream, g.cause, g.until_ms from access_grant g
      where g.stream = s.case_stream and g.whole
      on conflict (org, stream, cause) do nothing;
    end if;
    if s.before = 0 then
      -- A guest begins a stream only in a case that is granted to it, for the owner of that case.
      if not (is_system or s.owner = any (orgs)) then
        select * into head from stream_head h where h.stream = s.case_stream;
        if not found or head.owner <> s.owner or not is_open_to(s.stream, orgs, now_ms)
          or not is_open_to(s.case_stream, orgs, now_ms)
        then
          raise insufficient_privilege using message = 'not yours to begin: ' || s.stream;
        end if;
      end if;
      insert into stream_head
        (stream, topic, owner, version, hash, is_open, begun_ms, changed_ms, case_stream)
      values (s.stream, split_part(s.stream, ':', 1), s.owner, s.version,
        decode(s.hash, 'base64'), s.is_open, (s.events -> 0 ->> 'occurred_ms')::bigint, now_ms,
        s.case_stream);
    else
      update stream_head h set version = s.version, hash = decode(s.hash, 'base64'),
        is_open = s.is_open, changed_ms = now_ms, case_stream = s.case_stream,
        node = coalesce(s.node, '')
      where h.stream = s.stream and h.version = s.before
        and h.hash = decode(s.previous, 'base64') and h.node = ''
      returning h.* into head;
      if not found then
        if exists (select from stream_head h where h.stream = s.stream and h.node <> '') then
          raise insufficient_privilege using message = 'another node''s: ' || s.stream;
        end if;
        raise exception using errcode = 'GH002', message = 'has moved on: ' || s.stream;
      end if;
      if not (is_system or head.owner = any (orgs) or is_open_to(s.stream, orgs, now_ms)) then
        raise insufficient_privilege using message = 'not yours to write: ' || s.stream;
      end if;
      s.owner := head.owner;
    end if;
    with written as (
      insert into event (stream, version, topic, kind, body, actor, seat, role, org, owner,
        installation, sequence, part, fingerprint, occurred_ms, received_ms, origin,
        previous_hash, hash)
      select s.stream, x.version, split_part(s.stream, ':', 1), x.kind, decode(x.body, 'base64'),
        x.actor, x.seat, x.role, x.org, s.owner, x.installation, x.sequence, x.part, fingerprint,
        x.occurred_ms, x.received_ms, decode(x.origin, 'base64'),
        decode(x.previous_hash, 'base64'), decode(x.hash, 'base64')
      from jsonb_to_recordset(s.events) as x (
        version integer, kind text, body text, actor text, seat text, role text, org text,
        installation text, sequence bigint, part integer, occurred_ms bigint, received_ms bigint,
        origin text, previous_hash text, hash text)
      returning seq
    )
    insert into outbox (seq, stream) select seq, s.stream from written;
    if s.released is not null then
      delete from claim c using jsonb_to_recordset(s.released) as x (kind text, key text)
      where c.kind = x.kind and c.key = x.key and c.stream = s.stream;
    end if;
    -- Another owner's timer stays: that of a stream which this case has no business with.
    if s.cancelled is not null then
      delete from timer t using jsonb_array_elements_text(s.cancelled) as x (key)
      where t.key = x.key and (is_system or t.stream = '' or stream_owner(t.stream) = s.owner);
    end if;
  end loop;

  -- A second round: what one stream lets go of another may take in the same transaction.
  if (doc ->> 'again')::boolean then
    for s in
      select * from jsonb_to_recordset(doc -> 'streams') as x (
        stream text, claimed jsonb, timers jsonb, effects jsonb, personal jsonb)
      where x.claimed is not null or x.timers is not null or x.effects is not null
        or x.personal is not null
    loop
      insert into claim (kind, key, stream)
      select x.kind, x.key, s.stream
      from jsonb_to_recordset(s.claimed) as x (kind text, key text);

      insert into timer as t (key, due_ms, command, stream)
      select x.key, x.due_ms, convert_to(x.command::text, 'UTF8'), s.stream
      from jsonb_to_recordset(s.timers) as x (key text, due_ms bigint, command jsonb)
      on conflict (key) do update
        set due_ms = excluded.due_ms, command = excluded.command, stream = excluded.stream
        where is_system or t.stream = '' or stream_owner(t.stream) = stream_owner(excluded.stream);

      insert into effect (key, kind, body, due_ms, stream)
      select x.key, x.kind, x.body, now_ms, s.stream
      from jsonb_to_recordset(s.effects) as x (key text, kind text, body jsonb)
      on conflict (key) do nothing;

      insert into personal (row_id, stream, topic, owner, salt, content, written_ms)
      select x.row, s.stream, split_part(s.stream, ':', 1), stream_owner(s.stream),
        decode(x.salt, 'base64'), decode(x.content, 'base64'), now_ms
      from jsonb_to_recordset(s.personal) as x ("row" text, salt text, content text);
    end loop;
  end if;

  if doc -> 'limits' is not null then
    for r in
      select * from jsonb_to_recordset(doc -> 'limits') as x (org text, case_stream text, until_ms bigint)
    loop
      if not (is_system or coalesce(stream_owner(r.case_stream) = any (orgs), false)
        or is_open_to(r.case_stream, orgs, now_ms))
      then
        raise insufficient_privilege using message = 'not yours to limit: ' || r.case_stream;
      end if;
      update access_grant g set until_ms = r.until_ms
      where g.org = r.org
        and g.stream in (select h.stream from stream_head h where h.case_stream = r.case_stream);
    end loop;
  end if;
end $$;
