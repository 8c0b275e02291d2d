export default /* sql */ `-- What moderators should look at. No page of readers shows it.
create table moderation_flags (
  id bigint generated always as identity primary key,
  -- What kind of thing it is, and of what: one open flag each.
  kind text not null,
  subject text not null,
  summary text not null,
  -- Where it can be looked at.
  path text check (path like '/%'),
  raised_at timestamptz not null,
  closed_at timestamptz,
  closed_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now()
);
--> statement-breakpoint
create unique index moderation_flags_open on moderation_flags (kind, subject) where closed_at is null;
--> statement-breakpoint
create index moderation_flags_raised on moderation_flags (raised_at desc, id desc);
--> statement-breakpoint
create index moderation_flags_closed_by on moderation_flags (closed_by);
`;
