export default /* sql */ `-- The account that gets another address by a link; null for a link that signs in.
alter table login_tokens add column changes uuid references users (id) on delete cascade;
--> statement-breakpoint
create index login_tokens_changes on login_tokens (changes) where changes is not null;
`;
