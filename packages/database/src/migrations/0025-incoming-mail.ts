export default /* sql */ `-- Bounces of messages that belong to no subscription, and why a message was not taken.
create table mail_returns (
  -- Of the message in the outbox, which is forgotten sooner.
  mail_id bigint primary key,
  email_hmac bytea not null,
  created_at timestamptz not null default now()
);
--> statement-breakpoint
create index mail_returns_created on mail_returns (created_at);
--> statement-breakpoint
-- Why the last attempt failed: an enhanced status code (RFC 3463), the code of a reply, or a word where there was none.
alter table mail_outbox add column refusal text;
`;
