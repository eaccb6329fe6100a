-- A picture that goes to another patient takes its caption along: who may read the picture reads its
-- caption, and it is kept as long. The text itself, its id and its commitment stay as they are.
-- compat: 1

create function take_caption_along() returns trigger language plpgsql
  set search_path = public, pg_temp as $$
declare
  -- json and not jsonb: a NUL elsewhere in the event must not stop the append.
  said constant json := convert_from(new.body, 'UTF8')::json;
begin
  -- Only from where the picture stood, and within one case: the event names a row, and owns none.
  update personal p set stream = h.stream, owner = h.owner
  from stream_head h, stream_head stood
  where h.stream = new.stream and stood.stream = 'patient:' || (said ->> 'came_from')
    and stood.case_stream = h.case_stream
    and p.row_id = said #>> '{caption,row}' and p.stream = stood.stream;
  return null;
end $$;

create trigger caption_follows after insert on event for each row
  when (new.kind = 'patient.file_moved_in.v1') execute function take_caption_along();

-- Those that went before: to where each picture stands now.
update personal p set stream = h.stream, owner = h.owner
from (
  select distinct on (row_id) row_id, stream
  from (
    select convert_from(body, 'UTF8')::json #>> '{caption,row}' as row_id, stream, seq
    from event where kind = 'patient.file_moved_in.v1'
  ) moved
  where row_id is not null
  order by row_id, seq desc
) newest, stream_head h, stream_head stood
where p.row_id = newest.row_id and h.stream = newest.stream and stood.stream = p.stream
  and stood.case_stream = h.case_stream and p.stream <> h.stream;
