import { type SQL, sql } from "drizzle-orm";
import type { Orm } from "../../database/connect.ts";
import { rowsOf } from "../../database/rows.ts";
import { yieldToEventLoop } from "../../yield-to-event-loop.ts";

/** What an embedding reads of a paper. */
export interface PaperText {
  readonly id: number;
  readonly title: string;
  readonly abstract: string;
  /**
   * The indexed lexemes, as the database prints a `tsvector`, but for those of topics: which topics a paper has is
   * decided by the embedding.
   */
  readonly words: string;
}

/** Papers that are read in one statement. */
const BATCH = 50;

/** The indexed papers that `condition` (on `p`, a row of `papers`) selects, in batches by id. */
export async function* paperTexts(
  orm: Orm,
  condition: SQL = sql`true`,
  { signal }: { readonly signal?: AbortSignal } = {},
): AsyncGenerator<readonly PaperText[]> {
  let last = 0;
  for (;;) {
    await yieldToEventLoop(signal);
    const rows = rowsOf<PaperText>(
      await orm.execute(sql`
        select p.id::int, p.title, p.abstract_text as abstract, ts_filter(p.tsv, '{a,b,d}')::text as words from papers p
        where p.id > ${last} and p.tsv is not null and not p.hidden and ${condition}
        order by p.id limit ${BATCH}`),
    );
    if (rows.length === 0) return;
    yield rows;
    last = rows[rows.length - 1].id;
  }
}

/** How many papers are indexed. */
export async function countIndexed(orm: Orm): Promise<number> {
  const [{ count }] = rowsOf<{ count: number }>(
    await orm.execute(sql`select count(*)::int as count from papers where tsv is not null and not hidden`),
  );
  return count;
}
