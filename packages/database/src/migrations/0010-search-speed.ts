export default /* sql */ `-- What the search scores papers by, small enough to lie within their rows: words without positions.
alter table papers
  add column words tsvector storage main generated always as (strip(tsv)) stored,
  add column title_words tsvector storage main generated always as (strip(ts_filter(tsv, '{a}'))) stored;
--> statement-breakpoint
-- A search for common words stops at the hottest papers that have them.
create index papers_hot on papers (hot desc nulls last, id desc) where not hidden;
--> statement-breakpoint
-- Names without accents are written with the names, by whoever writes them.
create function fold_name() returns trigger language plpgsql as $$
begin
  new.name_folded := lower(unaccent(new.name));
  return new;
end $$;
--> statement-breakpoint
create trigger paper_authors_fold before insert or update of name on paper_authors
  for each row execute function fold_name();
--> statement-breakpoint
update paper_authors set name_folded = lower(unaccent(name));
--> statement-breakpoint
-- First authors by the end of their name: papers can share a citation key only with those of the same.
create index paper_authors_family on paper_authors (reverse(name_folded) text_pattern_ops) where position = 1;
`;
