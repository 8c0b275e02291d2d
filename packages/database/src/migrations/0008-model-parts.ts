export default /* sql */ `-- The bytes of a fitted model in parts: one value of 20 MB holds the embedded database for seconds.
create table embedding_model_parts (
  model_id bigint not null references embedding_models (id) on delete cascade,
  part integer not null check (part >= 0),
  bytes bytea not null,
  created_at timestamptz not null default now(),
  primary key (model_id, part)
);
--> statement-breakpoint
-- Packing finds nothing in them.
alter table embedding_model_parts alter column bytes set storage external;
--> statement-breakpoint
-- Fitted anew.
delete from embedding_models;
--> statement-breakpoint
alter table embedding_models drop column state;
`;
