export default /* sql */ `create table papers (
  id bigint generated always as identity primary key,
  arxiv_id text not null unique
    check (arxiv_id ~ '^([0-9]{4}\\.[0-9]{4,5}|[a-z]+(-[a-z]+)?/[0-9]{7})$'),
  title text not null check (title <> ''),
  abstract_raw text not null,
  abstract_kind text not null check (abstract_kind in ('source', 'flattened')),
  abstract_html text not null,
  abstract_excerpt_html text not null,
  abstract_text text not null,
  authors_count integer not null check (authors_count >= 0),
  primary_category text,
  code_url text check (code_url like 'https://%'),
  published_at timestamptz not null,
  lane text check (lane in ('seed', 'daily', 'classic')),
  featured_at timestamptz,
  featured_on date generated always as ((featured_at at time zone 'UTC')::date) stored,
  hot double precision check ((hot is null) = (featured_at is null)),
  content_hash text not null,
  created_at timestamptz not null default now()
);
--> statement-breakpoint
create index papers_day on papers (featured_on desc, hot desc);
--> statement-breakpoint
create table paper_authors (
  paper_id bigint not null references papers (id) on delete cascade,
  position integer not null check (position >= 1),
  name text not null check (name <> ''),
  created_at timestamptz not null default now(),
  primary key (paper_id, position)
);
`;
