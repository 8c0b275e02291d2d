import { sql } from "drizzle-orm";
import { dataVersion } from "./data-version.ts";
import type { Orm } from "./database/connect.ts";
import { rowsOf } from "./database/rows.ts";
import { queueAge } from "./health.ts";
import { type Gauge, type Metrics, metrics } from "./metrics.ts";
import { type Gate, gate } from "./overload.ts";
import { type PageCache, pageCache } from "./page-cache.ts";
import { site } from "./site.ts";

/** More at once would only wait for each other: one processor renders, ten connections read. */
const RUNNING = 16;
/** At 100 answers a second the last in the queue waits for 0.6 s; those who come after are told to come back. */
const WAITING = 64;

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Papers that the search does not find yet: by their words, and by their meaning. */
async function backlog(orm: Orm): Promise<readonly [unindexed: number, withoutVector: number]> {
  const result: unknown = await orm.execute(sql`
    select count(*) filter (where tsv is null)::int as unindexed,
      count(*) filter (where not exists (
        select 1 from paper_embeddings e join embedding_models m on m.id = e.model_id
        where e.paper_id = papers.id and m.active))::int as vectorless
    from papers`);
  const [{ unindexed, vectorless }] = rowsOf<{ unindexed: number; vectorless: number }>(result);
  return [unindexed, vectorless];
}

/**
 * Answers that are being made at once, so that the database works while another is rendered; with more, all would take
 * as long as the slowest. Pages in memory pass them.
 */
const MADE = 4;

/** What stands between the network and the routes. */
export interface Operations {
  /** The version of the site's data; rejects while the database cannot be reached. */
  readonly version: () => Promise<string>;
  readonly entrance: Gate;
  /** Makes an answer when it is its turn: first come, first served. */
  inTurn<T>(make: () => Promise<T>): Promise<T>;
  readonly pages: PageCache;
  readonly requests: Metrics;
  /** The figures that are not counts of requests. */
  gauges(): Promise<Gauge[]>;
}

async function open(): Promise<Operations> {
  const { database, now, upkeep } = await site();
  const version = dataVersion(database.orm);
  const entrance = gate({ running: RUNNING, waiting: WAITING });
  const kitchen = gate({
    running: MADE,
    // The entrance bounds them.
    waiting: Number.POSITIVE_INFINITY,
  });
  const pages = pageCache({ version, now });
  const figure = (kind: Gauge["kind"]) => (name: string, help: string, value: number) => ({
    name: `gradus_${name}`,
    help,
    kind,
    value,
  });
  const gauge = figure("gauge");
  const counter = figure("counter");
  return {
    version,
    entrance,
    async inTurn(make) {
      const leave = await kitchen.enter();
      try {
        return await make();
      } finally {
        leave?.();
      }
    },
    pages,
    requests: metrics(),
    async gauges() {
      const waiting = await backlog(database.orm).catch(() => undefined);
      const { hits, misses, outdated } = pages.counts;
      return [
        gauge("database_up", "1 while the database answers.", Number(waiting !== undefined)),
        gauge("papers_unindexed", "Papers whose words are not indexed yet.", waiting?.[0] ?? Number.NaN),
        gauge("papers_without_vector", "Papers without a vector yet.", waiting?.[1] ?? Number.NaN),
        gauge(
          "queue_age_seconds",
          "How long the oldest work of the jobs has waited.",
          queueAge({ upkeep, now: now() }),
        ),
        gauge("requests_running", "Requests being answered.", entrance.running),
        gauge("requests_waiting", "Requests in the queue.", entrance.waiting),
        counter("requests_refused_total", "Requests refused because the queue was full.", entrance.refused),
        counter("pages_kept_total", "Pages sent from memory.", hits),
        counter("pages_rendered_total", "Pages rendered.", misses),
        counter("pages_outdated_total", "Pages sent from memory while the database was away.", outdated),
        counter("cpu_seconds_total", "Processor time of the process, all threads.", cpuSeconds()),
        gauge("memory_bytes", "Resident memory of the process.", process.memoryUsage.rss()),
        gauge("uptime_seconds", "Seconds since the process started.", Math.round(process.uptime())),
      ];
    },
  };
}

let opened: Promise<Operations> | undefined;

/** The site's operations, begun at the first call. */
export function operations(): Promise<Operations> {
  opened ??= open();
  return opened;
}
