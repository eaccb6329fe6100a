-- Where each vehicle's own hash chain stands, so that the next item can be held against it.
-- compat: 2

-- Null: uploads from before this column; the chain is taken up with the next item.
alter table edge_progress add column origin bytea;
