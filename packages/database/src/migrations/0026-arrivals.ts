export default /* sql */ `-- The papers in the lists that are nearest to one that came: what moderators see beside it, and by what some are
-- suggested. The model's end removes them, and they are computed anew.
create table arrival_neighbors (
  paper_id bigint primary key references papers (id) on delete cascade,
  model_id bigint not null references embedding_models (id) on delete cascade,
  -- Nearest first: [{"id": 7, "cosine": 0.5}].
  neighbors jsonb not null,
  created_at timestamptz not null default now()
);
--> statement-breakpoint
create index arrival_neighbors_model on arrival_neighbors (model_id);
--> statement-breakpoint
create index papers_arrived on papers (created_at) where lane is distinct from 'seed';
`;
