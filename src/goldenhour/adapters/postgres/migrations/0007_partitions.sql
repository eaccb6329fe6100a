-- Day partitions of the telemetry (and, from 0009 on, of what seats have painted), made by the worker while it runs: the system must not need a restart a day.
-- compat: 2

-- Makes those of the given days (in China) that are missing, as the owner of the tables. A day whose rows have
-- already gone to the default partition stays there: the boundary cannot be drawn through them.
create function make_partitions(first_ms bigint, days integer) returns integer language plpgsql
  security definer set search_path = public, pg_temp as $$
declare
  made integer := 0;
  from_ms bigint;
  parent text;
  part text;
begin
  foreach parent in array array['fix', 'vital', 'painted'] loop
    for day in 0 .. days - 1 loop
      from_ms := (first_ms + 28800000) / 86400000 * 86400000 - 28800000 + day * 86400000;
      part := parent || '_' || to_char(to_timestamp(from_ms / 1000) at time zone 'Asia/Shanghai', 'YYYYMMDD');
      if to_regclass('public.' || part) is null then
        begin
          execute format('create table %I partition of %I for values from (%s) to (%s)',
            part, parent, from_ms, from_ms + 86400000);
          made := made + 1;
        exception when check_violation then
          raise warning 'rows of % lie in the default partition', part;
        end;
      end if;
    end loop;
  end loop;
  return made;
end $$;

revoke execute on function make_partitions from public;
grant execute on function make_partitions to goldenhour_worker;
