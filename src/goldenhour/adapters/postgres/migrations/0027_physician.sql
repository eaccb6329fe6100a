-- Who is a physician: only they sign what a physician answers for.
-- compat: 1

alter table person add column physician boolean not null default false;
