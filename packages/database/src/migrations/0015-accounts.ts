export default /* sql */ `-- Messages that wait to be sent, or were. What a message says is composed when it is handed over: no token rests here.
create table mail_outbox (
  id bigint generated always as identity primary key,
  recipient citext not null,
  kind text not null check (kind in ('sign-in')),
  details jsonb not null,
  state text not null default 'waiting'
    check (state in ('waiting', 'handed over', 'sent', 'failed', 'expired', 'unknown')),
  attempts integer not null default 0 check (attempts >= 0),
  -- Not to be tried before.
  next_at timestamptz not null default now(),
  -- Of no use after.
  expires_at timestamptz not null,
  ended_at timestamptz,
  created_at timestamptz not null default now()
);
--> statement-breakpoint
create index mail_outbox_waiting on mail_outbox (id) where state in ('waiting', 'handed over');
--> statement-breakpoint
create index mail_outbox_recipient on mail_outbox (recipient, created_at);
--> statement-breakpoint
create index mail_outbox_created on mail_outbox (created_at);
--> statement-breakpoint
create table login_tokens (
  token_hash bytea primary key,
  email citext not null,
  -- Where the reader was.
  return_to text not null check (return_to like '/%'),
  expires_at timestamptz not null,
  created_at timestamptz not null default now()
);
--> statement-breakpoint
create index login_tokens_email on login_tokens (email);
--> statement-breakpoint
create table sessions (
  token_hash bytea primary key,
  user_id uuid not null references users (id) on delete cascade,
  last_seen_at timestamptz not null,
  expires_at timestamptz not null,
  -- Such as "Firefox on Linux".
  agent_class text not null,
  created_at timestamptz not null default now()
);
--> statement-breakpoint
create index sessions_user on sessions (user_id);
`;
