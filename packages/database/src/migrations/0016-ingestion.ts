export default /* sql */ `-- Whose turn it is to ask arXiv: one request at a time, and a pause after it, over all processes of an installation.
create table request_turns (
  host text primary key,
  -- Who asks, until it is done or has been silent for too long.
  holder uuid,
  held_until timestamptz,
  next_at timestamptz not null,
  created_at timestamptz not null default now(),
  check ((holder is null) = (held_until is null))
);
--> statement-breakpoint
-- Papers that look like one work under two identifiers: a person decides.
create table paper_duplicates (
  paper_id bigint not null references papers (id) on delete cascade,
  other_id bigint not null references papers (id) on delete cascade,
  reason text not null check (reason in ('title', 'doi')),
  dismissed_at timestamptz,
  created_at timestamptz not null default now(),
  primary key (paper_id, other_id),
  check (paper_id < other_id)
);
--> statement-breakpoint
create index paper_duplicates_other on paper_duplicates (other_id);
--> statement-breakpoint
-- Titles without case, spaces and punctuation.
create index papers_title_key on papers (md5(regexp_replace(lower(title), '[[:space:][:punct:]]+', '', 'g')));
--> statement-breakpoint
create index papers_doi on papers (lower(doi)) where doi is not null;
--> statement-breakpoint
create index papers_created on papers (created_at desc) where featured_at is null and not hidden;
`;
