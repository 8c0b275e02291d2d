import { sql } from "drizzle-orm";
import type { Orm } from "../../database/connect.ts";
import { titleKey } from "../../database/schema/index.ts";

/** The family name of a first author. */
const family = (name: ReturnType<typeof sql>) => sql`substring(${name} from '[^ ]+$')`;

/**
 * Flags papers that look like the same work as another one: the same DOI, or the same title but for case, spaces and
 * punctuation by a first author of the same family name. They are never merged.
 */
export async function flagDuplicates(orm: Orm, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  const some = sql`any(${`{${ids.join()}}`}::bigint[])`;
  await orm.execute(sql`
    insert into paper_duplicates (paper_id, other_id, reason)
    select paper_id, other_id, min(reason) from (
      select least(p.id, q.id) as paper_id, greatest(p.id, q.id) as other_id, 'doi' as reason
      from papers p join papers q on lower(q.doi) = lower(p.doi) and q.id <> p.id
      where p.id = ${some}
      union all
      select least(p.id, q.id), greatest(p.id, q.id), 'title'
      from papers p join papers q on ${titleKey(sql`q.title`)} = ${titleKey(sql`p.title`)} and q.id <> p.id
      join paper_authors a on a.paper_id = p.id and a.position = 1
      join paper_authors b on b.paper_id = q.id and b.position = 1
      where p.id = ${some} and ${family(sql`a.name_folded`)} = ${family(sql`b.name_folded`)}
    ) pairs group by paper_id, other_id
    on conflict do nothing`);
}
