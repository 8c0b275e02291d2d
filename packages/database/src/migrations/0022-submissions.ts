export default /* sql */ `-- Papers that readers proposed: accepted, waiting until arXiv answers, or refused after that.
create table submissions (
  id bigint generated always as identity primary key,
  -- A paper stays when its submitter's account goes.
  user_id uuid references users (id) on delete set null,
  arxiv_id text not null
    check (arxiv_id ~ '^([0-9]{4}\\.[0-9]{4,5}|[a-z]+(-[a-z]+)?/[0-9]{7})$'),
  lane text check (lane in ('daily', 'classic')),
  state text not null check (state in ('pending', 'accepted', 'refused')),
  reason text,
  code_url text check (code_url like 'https://%'),
  note text check (char_length(note) <= 280),
  submitted_at timestamptz not null,
  decided_at timestamptz,
  created_at timestamptz not null default now(),
  check ((state = 'accepted') = (lane is not null)),
  check ((state = 'pending') = (decided_at is null))
);
--> statement-breakpoint
create index submissions_user on submissions (user_id, submitted_at desc);
--> statement-breakpoint
create index submissions_lane on submissions (lane, decided_at) where lane is not null;
--> statement-breakpoint
create unique index submissions_pending on submissions (arxiv_id) where state = 'pending';
`;
