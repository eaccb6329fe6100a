-- What an administrator changes by hand, and when a device was last heard.
-- compat: 1

alter table organisation add column edited_ms bigint;  -- a city that is loaded again leaves such a row alone
alter table organisation add column closed_ms bigint;
alter table device add column seen_ms bigint;
