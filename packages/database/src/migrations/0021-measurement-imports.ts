export default /* sql */ `-- The build whose measurements were imported last, and the papers that they were imported for: the next start of the same
-- build need not judge them again.
create table measurement_imports (
  build text primary key,
  papers text not null,
  created_at timestamptz not null default now()
);
`;
