-- Several appends in one transaction: what a vehicle brings after hours pays for one commit, not hundreds.
-- compat: 1

create function append_all(docs jsonb) returns void language plpgsql security definer
  set search_path = public, pg_temp as $$
declare
  one jsonb;
begin
  -- Every append takes its streams in this order. Taken doc by doc they would come in any.
  perform from stream_head h
  where h.stream in (
    select s ->> 'stream' from jsonb_array_elements(docs) d, jsonb_array_elements(d -> 'streams') s)
  order by h.stream collate "C" for no key update;
  for one in select d from jsonb_array_elements(docs) with ordinality as x (d, n) order by n loop
    perform append(one);
  end loop;
end $$;

revoke execute on function append_all (jsonb) from public;
grant execute on function append_all (jsonb) to goldenhour_app, goldenhour_worker;
