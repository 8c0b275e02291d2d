export default /* sql */ `-- What readers' programs show who they are with. Whoever reads the database cannot use them.
create table api_tokens (
  token_hash bytea primary key,
  user_id uuid not null references users (id) on delete cascade,
  -- What its owner calls it.
  name text not null check (char_length(name) between 1 and 60),
  -- What it may be used for.
  scopes text[] not null,
  last_used_at timestamptz,
  created_at timestamptz not null default now()
);
--> statement-breakpoint
create index api_tokens_user on api_tokens (user_id, created_at);
--> statement-breakpoint
-- Runs that readers sent, judged by the site. They count in no official verdict.
create table reports (
  id bigint generated always as identity primary key,
  paper_id bigint not null references papers (id) on delete cascade,
  user_id uuid not null references users (id) on delete cascade,
  experiment text not null,
  profile text not null check (profile in ('quick', 'full')),
  seed bigint not null check (seed >= 0),
  -- The version of gradus that ran it, and where.
  version text not null,
  environment jsonb not null,
  parameters jsonb not null,
  -- What was measured, as it was sent; and what the experiment's judge says of it.
  findings jsonb not null,
  checks jsonb not null,
  undecided jsonb not null,
  ms double precision not null check (ms >= 0),
  measured_at timestamptz not null,
  -- Of all that was sent: nothing is taken twice.
  hash bytea not null unique,
  state text not null default 'published' check (state in ('published', 'hidden')),
  -- Plain text of its sender, shown once a moderator has published it.
  note text check (char_length(note) between 1 and 280),
  note_state text check (note_state in ('pending', 'published', 'hidden')),
  created_at timestamptz not null default now(),
  check ((note is null) = (note_state is null))
);
--> statement-breakpoint
create index reports_paper on reports (paper_id, created_at desc, id desc);
--> statement-breakpoint
create index reports_user on reports (user_id, created_at);
--> statement-breakpoint
create index reports_pending on reports (created_at, id) where note_state = 'pending';
--> statement-breakpoint
create trigger reports_changed after insert or update or delete or truncate on reports
  for each statement execute function count_content_change();
--> statement-breakpoint
-- What moderators and administrators decided.
create table audit_log (
  id bigint generated always as identity primary key,
  actor uuid references users (id) on delete set null,
  -- Such as "report.hide", and of what.
  action text not null,
  subject text not null,
  acted_at timestamptz not null,
  created_at timestamptz not null default now()
);
--> statement-breakpoint
create index audit_log_actor on audit_log (actor);
--> statement-breakpoint
create index audit_log_subject on audit_log (subject, id desc);
`;
