export default /* sql */ `-- Titles as the search compares them, written with \`tsv\`: \`unaccent\` may not be part of an index or a generated column.
alter table papers add column title_folded text;
--> statement-breakpoint
drop index papers_title_trigrams;
--> statement-breakpoint
create index papers_title_folded on papers using gin (title_folded gin_trgm_ops);
--> statement-breakpoint
-- Papers whose text waits to be indexed.
create index papers_unindexed on papers (id) where tsv is null;
--> statement-breakpoint
-- Indexes the papers of an earlier version anew.
update papers set tsv = null;
--> statement-breakpoint
-- The empty lexeme stands for every paper: its count is the number of papers.
delete from term_stats;
`;
