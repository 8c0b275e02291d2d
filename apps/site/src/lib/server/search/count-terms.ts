import { max, sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";
import { papers, termStats } from "../database/schema/index.ts";
import { yieldToEventLoop } from "../yield-to-event-loop.ts";

/** Papers counted in one statement: few, because the embedded database answers nobody else meanwhile. */
const PAPERS = 500;
/** Rows written in one statement. */
const ROWS = 2000;

/** In how many papers each lexeme occurs; under the empty lexeme, how many papers there are. */
async function count(orm: Orm, signal?: AbortSignal): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const [{ last }] = await orm.select({ last: max(papers.id) }).from(papers);
  for (let from = 0; from < (last ?? 0); from += PAPERS) {
    await yieldToEventLoop(signal);
    const shown = sql`tsv is not null and not hidden and id > ${from}::int and id <= ${from + PAPERS}::int`;
    const rows = rowsOf<{ lexeme: string; df: number }>(
      await orm.execute(sql`
        select word as lexeme, ndoc::int as df from ts_stat(format(
          'select tsv from papers where tsv is not null and not hidden and id > %s and id <= %s',
          ${from}::int, ${from + PAPERS}::int))
        union all select '', count(*)::int from papers where ${shown} having count(*) > 0`),
    );
    for (const { lexeme, df } of rows) counts.set(lexeme, (counts.get(lexeme) ?? 0) + df);
  }
  return counts;
}

/**
 * Counts anew in how many papers each lexeme occurs, and writes what changed; searches meanwhile see old counts beside
 * new ones.
 */
export async function countTerms(orm: Orm, signal?: AbortSignal): Promise<void> {
  const counts = await count(orm, signal);
  const stored = new Map((await orm.select().from(termStats)).map(({ lexeme, df }) => [lexeme, df] as const));
  const changed = [...counts].filter(([lexeme, df]) => stored.get(lexeme) !== df);
  for (let i = 0; i < changed.length; i += ROWS) {
    await yieldToEventLoop(signal);
    const rows = JSON.stringify(changed.slice(i, i + ROWS).map(([lexeme, df]) => ({ lexeme, df })));
    await orm.execute(sql`
      insert into term_stats (lexeme, df)
      select lexeme, df from jsonb_to_recordset(${rows}::text::jsonb) t (lexeme text, df int)
      on conflict (lexeme) do update set df = excluded.df`);
  }
  const gone = [...stored.keys()].filter((lexeme) => !counts.has(lexeme));
  if (gone.length > 0)
    await orm.execute(sql`
      delete from term_stats
      where lexeme in (select jsonb_array_elements_text(${JSON.stringify(gone)}::text::jsonb))`);
}
