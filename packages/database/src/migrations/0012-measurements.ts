export default /* sql */ `-- What an experiment measured over its seeds, judged, takes the place of single runs.
drop table claim_runs;
--> statement-breakpoint
create table measurements (
  id bigint generated always as identity primary key,
  paper_id bigint not null references papers (id) on delete cascade,
  experiment text not null,
  profile text not null check (profile in ('quick', 'full')),
  environment jsonb not null,
  version text not null,
  seeds integer not null check (seeds >= 1),
  -- Each check with its figure at every seed; and the claims that stay undecided.
  checks jsonb not null,
  undecided jsonb not null,
  ms double precision not null,
  -- When the first seed began: the one that is drawn.
  measured_at timestamptz not null,
  created_at timestamptz not null default now(),
  unique (paper_id, experiment, profile)
);
--> statement-breakpoint
alter table claims
  add column source text not null default 'not read',
  add column verdict text not null default 'not run'
    check (verdict in ('held', 'mixed', 'did not hold', 'inconclusive', 'not run')),
  -- The verdict of each profile with its checks over the seeds.
  add column official jsonb not null default '{}';
`;
