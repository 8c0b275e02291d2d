export default /* sql */ `-- The version of the renderer that made HTML and text of an abstract; 0 where that was not kept.
alter table papers add column rendering integer not null default 0;
--> statement-breakpoint
create index papers_rendering on papers (rendering);
`;
