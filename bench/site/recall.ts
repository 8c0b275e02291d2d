// How many of the papers that are nearest to a search the index of the vectors finds: the others are never ranked.
import type { SQL } from "drizzle-orm";
import { randomStream } from "gradus/random";
import type { Orm } from "../../apps/site/src/lib/server/database/connect.ts";
import { rowsOf } from "../../apps/site/src/lib/server/database/rows.ts";
import { withSettings } from "../../apps/site/src/lib/server/database/settings.ts";
import { vectorList } from "../../apps/site/src/lib/server/search/candidates.ts";
import { modelReader } from "../../apps/site/src/lib/server/search/embedding/store.ts";
import { normalizeQuery, splitQuery } from "../../apps/site/src/lib/server/search/normalize.ts";
import { queryWithTimeout } from "../../apps/site/src/lib/server/search/query-with-timeout.ts";
import { readSearch } from "../../apps/site/src/lib/server/search/search.ts";
import { query } from "./queries.ts";

/** Searches whose lists are compared. */
const SEARCHES = 200;
/** The first places of a list. */
const FIRST = 10;
/** What the index finds of the nearest papers, in shares of them. */
export interface Recall {
  readonly searches: number;
  /** Of the nearest that a search ranks, and of the first ten of them, on average. */
  readonly all: number;
  readonly first: number;
  /** A tenth of the searches, and half of them, have no larger share. */
  readonly tenth: number;
  readonly half: number;
}

/** The ids that a statement found, nearest first. */
function idsOf(result: unknown): readonly number[] {
  return rowsOf<{ id: number | string; place: number | string }>(result)
    .toSorted((a, b) => Number(a.place) - Number(b.place))
    .map(({ id }) => Number(id));
}

/** The list of a search, as the site makes it. */
async function listed(orm: Orm, list: SQL): Promise<ReadonlySet<number>> {
  const result = await queryWithTimeout(orm, list);
  if (result === undefined) throw new Error("a search for near vectors took too long: the machine is busy");
  return new Set(idsOf(result));
}

/** The same, from a look at every vector. */
function nearest(orm: Orm, list: SQL): Promise<readonly number[]> {
  return withSettings(orm, { enable_indexscan: "off" }, async (tx) => idsOf(await tx.execute(list)));
}

/** Compares the lists of searches with those of all vectors; undefined where there are no vectors. */
export async function measureRecall(orm: Orm, seed: number): Promise<Recall | undefined> {
  const model = await modelReader()(orm);
  if (!model) return undefined;
  const random = randomStream(seed);
  const all: number[] = [];
  const first: number[] = [];
  while (all.length < SEARCHES) {
    const { vector } = await readSearch(orm, splitQuery(normalizeQuery(query(random)).text), model);
    if (!vector) continue;
    const list = vectorList(model, vector);
    const wanted = await nearest(orm, list);
    if (wanted.length === 0) continue;
    const found = await listed(orm, list);
    const share = (ids: readonly number[]) => ids.filter((id) => found.has(id)).length / ids.length;
    all.push(share(wanted));
    first.push(share(wanted.slice(0, FIRST)));
  }
  all.sort((a, b) => a - b);
  const mean = (shares: readonly number[]) => shares.reduce((sum, share) => sum + share, 0) / shares.length;
  const at = (share: number) => all[Math.ceil(share * all.length) - 1];
  return { searches: all.length, all: mean(all), first: mean(first), tenth: at(0.1), half: at(0.5) };
}
