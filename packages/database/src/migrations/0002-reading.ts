export default /* sql */ `-- What readers without an account need: votes (which nobody can cast yet), topics, versions, search, claims.
create extension if not exists vector;
--> statement-breakpoint
create extension if not exists pg_trgm;
--> statement-breakpoint
create extension if not exists unaccent;
--> statement-breakpoint
create extension if not exists citext;
--> statement-breakpoint
create table users (
  id uuid primary key default gen_random_uuid(),
  email citext not null unique,
  email_canonical_hmac bytea not null unique,
  name text,
  role text not null default 'reader' check (role in ('reader', 'moderator', 'administrator')),
  confirmed_at timestamptz,
  suspended_at timestamptz,
  created_at timestamptz not null default now()
);
--> statement-breakpoint
alter table papers
  add column categories text[] not null default '{}',
  add column other_classes text[] not null default '{}',
  add column comment text,
  add column journal_ref text,
  add column doi text,
  add column license text,
  add column project_url text check (project_url like 'https://%'),
  add column arxiv_updated_at timestamptz,
  add column latest_version integer not null default 1 check (latest_version >= 1),
  add column withdrawn boolean not null default false,
  add column incomplete boolean not null default false,
  add column hidden boolean not null default false,
  add column submitted_by uuid references users (id) on delete set null,
  add column votes_count integer not null default 0 check (votes_count >= 0),
  add column external_upvotes integer check (external_upvotes >= 0),
  add column spec_slug text unique,
  add column tsv tsvector;
--> statement-breakpoint
drop index papers_day;
--> statement-breakpoint
create index papers_day on papers (featured_on desc, votes_count desc, hot desc);
--> statement-breakpoint
create index papers_trending on papers (hot desc, id desc) where featured_at is not null and not hidden;
--> statement-breakpoint
create index papers_new on papers (featured_at desc);
--> statement-breakpoint
create index papers_tsv on papers using gin (tsv);
--> statement-breakpoint
create index papers_title_trigrams on papers using gin (lower(title) gin_trgm_ops);
--> statement-breakpoint
create index papers_categories on papers using gin (categories);
--> statement-breakpoint
create index papers_submitter on papers (submitted_by) where submitted_by is not null;
--> statement-breakpoint
alter table paper_authors
  add column name_folded text,
  add column affiliation text;
--> statement-breakpoint
create index paper_authors_folded on paper_authors (name_folded);
--> statement-breakpoint
create table paper_versions (
  paper_id bigint not null references papers (id) on delete cascade,
  version integer not null check (version >= 1),
  submitted_at timestamptz not null,
  title text not null,
  abstract_raw text not null,
  abstract_kind text not null check (abstract_kind in ('source', 'flattened')),
  comment text,
  created_at timestamptz not null default now(),
  primary key (paper_id, version)
);
--> statement-breakpoint
create table topics (
  slug text primary key check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
  label text not null,
  categories text[] not null default '{}',
  query text not null,
  position integer not null,
  created_at timestamptz not null default now()
);
--> statement-breakpoint
create table paper_topics (
  paper_id bigint not null references papers (id) on delete cascade,
  topic text not null references topics (slug) on delete cascade,
  created_at timestamptz not null default now(),
  primary key (paper_id, topic)
);
--> statement-breakpoint
create index paper_topics_topic on paper_topics (topic, paper_id);
--> statement-breakpoint
create table votes (
  paper_id bigint not null references papers (id) on delete cascade,
  user_id uuid not null references users (id) on delete cascade,
  voted_at timestamptz not null,
  weight real not null check (weight >= 0),
  created_at timestamptz not null default now(),
  primary key (paper_id, user_id)
);
--> statement-breakpoint
create index votes_user on votes (user_id, voted_at);
--> statement-breakpoint
create table claims (
  paper_id bigint not null references papers (id) on delete cascade,
  code text not null,
  position integer not null,
  statement text not null,
  short text not null,
  paper_value text not null,
  created_at timestamptz not null default now(),
  primary key (paper_id, code)
);
--> statement-breakpoint
create table claim_runs (
  id bigint generated always as identity primary key,
  paper_id bigint not null,
  claim_code text not null,
  run_id uuid not null,
  experiment text not null,
  profile text not null check (profile in ('quick', 'full')),
  held boolean not null,
  -- Each check: what was measured, what it needs, whether it holds.
  checks jsonb not null,
  environment jsonb not null,
  version text not null,
  seed bigint not null,
  ms double precision not null,
  origin text not null check (origin in ('ci', 'cli', 'reader')),
  ran_at timestamptz not null,
  created_at timestamptz not null default now(),
  foreign key (paper_id, claim_code) references claims (paper_id, code) on delete cascade,
  unique (run_id, claim_code)
);
--> statement-breakpoint
create index claim_runs_latest on claim_runs (paper_id, claim_code, ran_at desc);
--> statement-breakpoint
create table embedding_models (
  id bigint generated always as identity primary key,
  name text not null,
  dimension integer not null check (dimension >= 1),
  parameters jsonb not null,
  -- The fitted map of a query to a vector; null for a model that lies in a folder.
  state bytea,
  active boolean not null default false,
  papers_count integer not null,
  created_at timestamptz not null default now()
);
--> statement-breakpoint
create unique index embedding_models_active on embedding_models (active) where active;
--> statement-breakpoint
create table paper_embeddings (
  paper_id bigint not null references papers (id) on delete cascade,
  model_id bigint not null references embedding_models (id) on delete cascade,
  embedding vector not null,
  created_at timestamptz not null default now(),
  primary key (paper_id, model_id)
);
--> statement-breakpoint
create index paper_embeddings_model on paper_embeddings (model_id);
--> statement-breakpoint
create table related_papers (
  paper_id bigint not null references papers (id) on delete cascade,
  rank integer not null check (rank >= 1),
  related_id bigint not null references papers (id) on delete cascade,
  cosine double precision not null,
  created_at timestamptz not null default now(),
  primary key (paper_id, rank)
);
--> statement-breakpoint
create index related_papers_related on related_papers (related_id);
--> statement-breakpoint
create table term_stats (
  lexeme text primary key,
  df integer not null check (df >= 1)
);
--> statement-breakpoint
create table ingest_state (
  source text primary key,
  cursor jsonb,
  ok_at timestamptz,
  error text,
  error_at timestamptz,
  created_at timestamptz not null default now()
);
`;
