import type { StatementDatabase } from "../statements.ts";

/** Papers read at once. */
const BATCH = 200;

/** Columns of a paper left out: derived from others, meaningful only in this database, or naming the submitter. */
const LEFT_OUT = [
  "id",
  "tsv",
  "title_folded",
  "abstract_html",
  "abstract_excerpt_html",
  "rendering",
  "submitted_by",
  "hot",
];

interface PaperLine {
  readonly id: string;
  readonly line: string;
}

/** Lists are totally ordered by what is exported: equal contents give equal lines, whatever the row ids. */
const papersAfter = `
  select p.id::text as id, (jsonb_build_object('type', 'paper') || (to_jsonb(p) - $1::text[]) || jsonb_build_object(
    'authors', coalesce((select jsonb_agg(a.name order by a.position) from paper_authors a where a.paper_id = p.id), '[]'),
    'votes', coalesce((select jsonb_agg(jsonb_build_object('at', v.voted_at, 'weight', v.weight) order by v.voted_at, v.weight)
                       from votes v where v.paper_id = p.id), '[]'),
    'claims', coalesce((select jsonb_agg(to_jsonb(c) - 'paper_id' order by c.position, c.code)
                        from claims c where c.paper_id = p.id), '[]'),
    'measurements', coalesce((select jsonb_agg(to_jsonb(m) - 'paper_id' - 'id' order by m.experiment, m.profile)
                              from measurements m where m.paper_id = p.id), '[]')))::text as line
  from papers p where p.id > $2::bigint order by p.id limit $3::int`;

/**
 * The papers of a database with anonymous votes, claims and measurements as newline-delimited JSON; the first line is a
 * header with the format's version and the number of papers.
 */
export async function* exportLines(database: StatementDatabase, time: Date): AsyncGenerator<string> {
  const [{ count }] = await database.query<{ count: string }>("select count(*)::text as count from papers");
  const head = { type: "gradus-export", version: 1, at: time.toISOString(), papers: Number(count) };
  yield JSON.stringify(head);
  const leftOut = `{${LEFT_OUT.join(",")}}`;
  for (let last = "0"; ; ) {
    const rows = await database.query<PaperLine>(papersAfter, [leftOut, last, BATCH]);
    for (const { line } of rows) yield line;
    const next = rows.at(-1);
    if (!next) return;
    last = next.id;
  }
}
