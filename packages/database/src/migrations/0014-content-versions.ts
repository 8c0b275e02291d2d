/** The tables of which pages and answers are made. */
const CONTENT = [
  "papers",
  "paper_authors",
  "paper_versions",
  "topics",
  "paper_topics",
  "topic_mentions",
  "claims",
  "measurements",
  "embedding_models",
  "embedding_model_parts",
  "paper_embeddings",
  "related_papers",
  "term_stats",
  "ingest_state",
];

const triggers = CONTENT.map(
  (table) => `
--> statement-breakpoint
create trigger ${table}_changed after insert or update or delete or truncate on ${table}
  for each statement execute function count_content_change();`,
);

export default /* sql */ `-- How many transactions have changed what pages show: the sum over the connections that wrote. Each connection counts
-- in a row of its own, so that writers never wait for each other, and a count is seen when its transaction is.
create table content_versions (
  writer integer primary key,
  changes bigint not null,
  created_at timestamptz not null default now()
);
--> statement-breakpoint
-- Once a transaction: a row that one transaction writes again and again becomes slow.
create function count_content_change() returns trigger language plpgsql as $$
declare
  this text := pg_current_xact_id()::text;
begin
  if current_setting('gradus.counted', true) is distinct from this then
    insert into content_versions (writer, changes) values (pg_backend_pid(), 1)
      on conflict (writer) do update set changes = content_versions.changes + 1;
    perform set_config('gradus.counted', this, true);
  end if;
  return null;
end $$;${triggers.join("")}
--> statement-breakpoint
-- Readers are shown the names of those who submitted papers.
create trigger users_changed after delete or update of name on users
  for each statement execute function count_content_change();
`;
