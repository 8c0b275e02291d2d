export default /* sql */ `-- When reports that their senders withdrew had been sent: they still count in the limit of a day.
create table withdrawn_reports (
  user_id uuid not null references users (id) on delete cascade,
  sent_at timestamptz not null,
  created_at timestamptz not null default now()
);
--> statement-breakpoint
create index withdrawn_reports_user on withdrawn_reports (user_id, sent_at);
`;
