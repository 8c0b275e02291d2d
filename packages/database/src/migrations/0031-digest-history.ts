export default /* sql */ `-- Old digests are forgotten, the oldest first.
create index digest_runs_cutoff on digest_runs (cutoff);
`;
