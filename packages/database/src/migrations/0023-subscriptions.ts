export default /* sql */ `-- Digests by mail: what somebody asked for, what was sent, and addresses that get no mail.
-- The kinds of messages are what the site can compose.
alter table mail_outbox drop constraint mail_outbox_kind_check;
--> statement-breakpoint
-- A person waits for a link; digests come after.
create index mail_outbox_next on mail_outbox ((kind = 'digest'), id) where state = 'waiting';
--> statement-breakpoint
create index mail_outbox_ended on mail_outbox (ended_at) where ended_at is not null;
--> statement-breakpoint
create table subscriptions (
  id uuid primary key default gen_random_uuid(),
  email citext not null,
  email_hmac bytea not null,
  user_id uuid references users (id) on delete cascade,
  status text not null default 'pending' check (status in ('pending', 'active', 'unsubscribed', 'suppressed')),
  cadence text not null check (cadence in ('daily', 'weekly')),
  hour smallint not null check (hour between 0 and 23),
  -- ISO 8601: 1 is Monday.
  weekday smallint check (weekday between 1 and 7),
  tz text not null,
  topics text[] not null default '{}',
  keywords text[] not null default '{}',
  min_votes integer not null default 0 check (min_votes >= 0),
  max_items integer not null default 20 check (max_items between 1 and 100),
  -- The address of the site where it was made, for links.
  origin text not null,
  next_due_at timestamptz,
  last_cutoff timestamptz,
  confirmed_at timestamptz,
  -- When, from where (shortened) and to which text somebody agreed.
  consent jsonb,
  ended_at timestamptz,
  created_at timestamptz not null default now(),
  check ((cadence = 'weekly') = (weekday is not null))
);
--> statement-breakpoint
create unique index subscriptions_address on subscriptions (email_hmac) where status in ('pending', 'active');
--> statement-breakpoint
create index subscriptions_due on subscriptions (next_due_at) where status = 'active';
--> statement-breakpoint
create index subscriptions_user on subscriptions (user_id);
--> statement-breakpoint
-- What was asked for and is not looked at yet: the answer to a form takes as long for every address.
create table subscription_requests (
  id bigint generated always as identity primary key,
  email citext not null,
  choices jsonb not null,
  consent jsonb not null,
  origin text not null,
  created_at timestamptz not null default now()
);
--> statement-breakpoint
create table subscription_tokens (
  token_hash bytea primary key,
  subscription_id uuid not null references subscriptions (id) on delete cascade,
  purpose text not null check (purpose in ('confirm')),
  choices jsonb not null,
  consent jsonb not null,
  -- Counts from the hand-over of its message.
  expires_at timestamptz not null,
  created_at timestamptz not null default now()
);
--> statement-breakpoint
create index subscription_tokens_subscription on subscription_tokens (subscription_id);
--> statement-breakpoint
create table digest_runs (
  subscription_id uuid not null references subscriptions (id) on delete cascade,
  -- The local day or the ISO week.
  period_key text not null,
  since timestamptz not null,
  cutoff timestamptz not null,
  state text not null check (state in ('queued', 'sent', 'empty', 'failed', 'dropped')),
  -- Papers that matched; the message lists the first of them.
  matched integer not null check (matched >= 0),
  message_id text,
  sent_at timestamptz,
  created_at timestamptz not null default now(),
  primary key (subscription_id, period_key)
);
--> statement-breakpoint
create table digest_items (
  subscription_id uuid not null references subscriptions (id) on delete cascade,
  paper_id bigint not null references papers (id) on delete cascade,
  period_key text not null,
  place smallint not null,
  created_at timestamptz not null default now(),
  primary key (subscription_id, paper_id)
);
--> statement-breakpoint
create index digest_items_run on digest_items (subscription_id, period_key);
--> statement-breakpoint
create index digest_items_paper on digest_items (paper_id);
--> statement-breakpoint
create table mail_events (
  id bigint generated always as identity primary key,
  email_hmac bytea not null,
  kind text not null check (kind in ('permanent', 'transient', 'complaint')),
  -- An enhanced status code (RFC 3463), where one was given.
  status text,
  -- Of the report, so that one that comes twice counts once.
  report_id text unique,
  at timestamptz not null,
  created_at timestamptz not null default now()
);
--> statement-breakpoint
create index mail_events_address on mail_events (email_hmac, at);
--> statement-breakpoint
-- Outlives everything else that is known of an address.
create table suppressions (
  email_hmac bytea primary key,
  reason text not null check (reason in ('bounce', 'complaint')),
  at timestamptz not null,
  created_at timestamptz not null default now()
);
`;
