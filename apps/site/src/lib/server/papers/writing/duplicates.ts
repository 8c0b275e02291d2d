import { sql } from "drizzle-orm";
import type { Orm } from "../../database/connect.ts";
import { rowsOf } from "../../database/rows.ts";
import { titleKey } from "../../database/schema/index.ts";

/** Two papers, by their arXiv identifiers, that look like one work. */
export interface Duplicate {
  readonly paper: string;
  readonly other: string;
  readonly reason: "title" | "doi";
}

/** The family name of a first author. */
const family = (name: ReturnType<typeof sql>) => sql`substring(${name} from '[^ ]+$')`;

/**
 * Flags papers that look like the same work as another one: the same DOI, or the same title but for case, spaces and
 * punctuation by a first author of the same family name. They are never merged. Returns the pairs that
 * were not flagged before.
 */
export async function flagDuplicates(orm: Orm, ids: readonly number[]): Promise<readonly Duplicate[]> {
  if (ids.length === 0) return [];
  const some = sql`any(${`{${ids.join()}}`}::bigint[])`;
  // Fences (`materialized`, `offset 0`) keep the order of the joins: the embedded database has no statistics of new rows,
  // and other orders read all papers.
  const result = await orm.execute(sql`
    with mine as materialized (
      select p.id, lower(p.doi) as doi, ${titleKey(sql`p.title`)} as title, ${family(sql`a.name_folded`)} as family
      from papers p left join paper_authors a on a.paper_id = p.id and a.position = 1 where p.id = ${some}
    )
    insert into paper_duplicates (paper_id, other_id, reason)
    select least(id, other_id), greatest(id, other_id), min(reason) from (
      select mine.id, same.id as other_id, 'doi' as reason
      from mine cross join lateral (select id from papers q where lower(q.doi) = mine.doi offset 0) same
      union all
      select mine.id, same.id, 'title'
      from mine cross join lateral (
        select q.id, (select ${family(sql`name_folded`)} from paper_authors where paper_id = q.id and position = 1) as family
        from papers q where ${titleKey(sql`q.title`)} = mine.title offset 0
      ) same where same.family = mine.family
    ) pairs where id <> other_id group by 1, 2
    on conflict do nothing
    returning (select arxiv_id from papers where id = paper_id) as paper,
      (select arxiv_id from papers where id = other_id) as other, reason`);
  return rowsOf<Duplicate>(result);
}
