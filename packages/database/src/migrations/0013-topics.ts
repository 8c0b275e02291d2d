export default /* sql */ `-- What a topic is about, for the embedding; and topics that only a paper's abstract mentions.
alter table topics add column about text not null default '';
--> statement-breakpoint
create table topic_mentions (
  paper_id bigint not null references papers (id) on delete cascade,
  topic text not null references topics (slug) on delete cascade,
  -- The embedding that decided whether the paper has the topic; none yet, or one that has gone.
  model_id bigint references embedding_models (id) on delete set null,
  created_at timestamptz not null default now(),
  primary key (paper_id, topic)
);
--> statement-breakpoint
create index topic_mentions_undecided on topic_mentions (paper_id) where model_id is null;
--> statement-breakpoint
create index topic_mentions_model on topic_mentions (model_id);
--> statement-breakpoint
-- Texts are indexed anew, in American spelling and with the parts of joined names.
update papers set tsv = null;
`;
