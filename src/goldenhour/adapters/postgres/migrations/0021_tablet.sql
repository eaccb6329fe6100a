-- A position may be that of the crew's tablet: shown and used, but no mileage and no speed is counted by it.
-- compat: 1

alter table fix add column tablet boolean not null default false;
