export default /* sql */ `-- Words spelled like a word that no paper has, and the papers that have them in their titles.
create index term_stats_spelling on term_stats using gin (lexeme gin_trgm_ops);
--> statement-breakpoint
create index papers_title_words on papers using gin (title_words);
`;
