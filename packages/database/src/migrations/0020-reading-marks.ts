export default /* sql */ `-- Papers that people saved or read, for their own eyes.
create table reading_marks (
  user_id uuid not null references users (id) on delete cascade,
  paper_id bigint not null references papers (id) on delete cascade,
  saved_at timestamptz,
  read_at timestamptz,
  created_at timestamptz not null default now(),
  primary key (user_id, paper_id),
  check (saved_at is not null or read_at is not null)
);
--> statement-breakpoint
create index reading_marks_paper on reading_marks (paper_id);
--> statement-breakpoint
create index reading_marks_saved on reading_marks (user_id, saved_at desc) where saved_at is not null;
--> statement-breakpoint
-- Searches whose new papers people follow; an author is a search for the name.
create table followed_searches (
  user_id uuid not null references users (id) on delete cascade,
  query text not null check (char_length(query) between 1 and 250),
  followed_at timestamptz not null,
  created_at timestamptz not null default now(),
  primary key (user_id, query)
);
`;
