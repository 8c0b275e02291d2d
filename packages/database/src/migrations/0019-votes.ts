export default /* sql */ `-- The paper that whoever signs in by a link wanted to vote for.
alter table login_tokens add column vote_for text;
--> statement-breakpoint
-- Recent votes that do not count in the ranking yet: bursts of them are flagged.
create index votes_weightless on votes (paper_id, voted_at) where weight = 0;
`;
