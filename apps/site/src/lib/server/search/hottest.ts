// The hottest papers of a crowd, without a look at each of the crowd.
import { type SQL, sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";

/** The least score of about a share of the papers, the hottest; undefined where nobody can tell, or where it saves little. */
export type LeastHot = (share: number) => number | undefined;

/** With a larger share of the papers, going through them costs as much as going through all that match. */
const LARGEST_SHARE = 1 / 3;

/** The same by bounds between which equally many papers lie, from the coldest on, of papers of which a share has no score. */
export function leastHotBy(bounds: readonly number[], without: number): LeastHot {
  return (share) => {
    const own = share / (1 - without);
    if (bounds.length < 2 || !(own <= LARGEST_SHARE)) return undefined;
    return bounds[Math.floor((1 - own) * (bounds.length - 1))];
  };
}

/** Papers come and are voted for: by older bounds they are found all the same, only less quickly. */
const TTL_MILLISECONDS = 60_000;
const cache = new WeakMap<Orm, { readonly read: Promise<LeastHot>; readonly readAt: number }>();

async function readStatistics(orm: Orm): Promise<LeastHot> {
  const [row] = rowsOf<{ bounds: string; without: number }>(
    await orm.execute(sql`
      select to_json(histogram_bounds::text::float8[])::text as bounds, null_frac::float8 as without
      from pg_stats
      where schemaname = current_schema() and tablename = 'papers' and attname = 'hot' and histogram_bounds is not null`),
  );
  const bounds: readonly number[] = row ? JSON.parse(row.bounds) : [];
  return leastHotBy(bounds, row?.without ?? 0);
}

/** By what Postgres knows of the scores, as it was at most a minute ago. */
export function leastHot(orm: Orm): Promise<LeastHot> {
  const cached = cache.get(orm);
  const now = performance.now();
  if (cached && now - cached.readAt < TTL_MILLISECONDS) return cached.read;
  const entry = { read: readStatistics(orm), readAt: now };
  cache.set(orm, entry);
  entry.read.catch(() => {
    if (cache.get(orm) === entry) cache.delete(orm);
  });
  return entry.read;
}

/** Papers by their words. */
export interface Matching {
  /** A column of words. */
  readonly column: SQL;
  /** As a `tsquery`. */
  readonly query: string;
  /** From the hottest on. */
  readonly order: SQL;
}

/**
 * Some columns of the first `limit` papers that match, in no order. Where a least score is given, they are looked for
 * among the papers that have it: when there are as many as wanted, no other paper is hotter. Two indexes together find
 * these, where all that match would have to be read one by one; all are read when there were too few.
 */
export function hottestMatching(
  columns: SQL,
  { column, query, order }: Matching,
  limit: number,
  least?: number,
): SQL {
  const first = (condition: SQL) => sql`
    select ${columns} from papers where ${condition} and not hidden order by ${order} limit ${limit}`;
  const all = first(sql`${column} @@ ${query}::tsquery`);
  if (least === undefined) return all;
  // A query that the planner sees is taken for one of independent words, which no paper would have all; then it would
  // do without the other index.
  const hot = first(sql`${column} @@ (select ${query}::tsquery) and hot >= ${least}::float8`);
  return sql`
    with hottest as materialized (${hot}),
    whole as materialized (select count(*) = ${limit} as yes from hottest)
    select * from hottest where (select yes from whole)
    union all
    select * from (${all}) every where not (select yes from whole)`;
}
