import { type PageCache, pageCache } from "./cache/page-cache.ts";
import { dataVersion } from "./database/data-version.ts";
import { type ConcurrencyLimiter, concurrencyLimiter } from "./http/concurrency-limiter.ts";
import { type Gauge, type Metrics, metrics } from "./http/metrics.ts";
import { jobStates } from "./jobs/job-states.ts";
import { searchBacklog } from "./search/backlog.ts";
import { site } from "./site.ts";
import { queueAge } from "./status/health.ts";

/** Requests rendered at once: one thread renders, ten connections read. */
const RUNNING = 16;
/** Queue length: at 100 responses a second the last waits 0.6 s; later requests get 503. */
const WAITING = 64;

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/**
 * Answers that are being made at once, so that the database works while another is rendered; with more, all would take
 * as long as the slowest. Pages in memory pass them.
 */
const MADE = 4;

/** Queueing, caching and metrics between the network and the routes. */
export interface RequestPipeline {
  /** The version of the site's data; rejects while the database cannot be reached. */
  readonly version: () => Promise<string>;
  readonly admission: ConcurrencyLimiter;
  /** Creates a response when its turn comes: first come, first served. */
  enqueue<T>(make: () => Promise<T>): Promise<T>;
  readonly pages: PageCache;
  readonly requests: Metrics;
  /** Metrics other than request counts. */
  gauges(): Promise<Gauge[]>;
}

async function open(): Promise<RequestPipeline> {
  const { database, now, jobs } = await site();
  const version = dataVersion(database.orm);
  const admission = concurrencyLimiter({ running: RUNNING, waiting: WAITING });
  const renderQueue = concurrencyLimiter({
    running: MADE,
    // Admission bounds it.
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
    admission,
    async enqueue(make) {
      const release = await renderQueue.acquire();
      try {
        return await make();
      } finally {
        release?.();
      }
    },
    pages,
    requests: metrics(),
    async gauges() {
      const { orm } = database;
      const [waiting, states] = await Promise.all([
        searchBacklog(orm).catch(() => undefined),
        jobStates(orm, jobs.names).catch(() => undefined),
      ]);
      const { hits, misses, stale } = pages.counts;
      const { statements = Number.NaN, seconds: busy } = database.work?.() ?? {};
      return [
        gauge("database_up", "1 if the database is reachable, else 0.", Number(waiting !== undefined)),
        gauge("papers_unindexed", "Papers not yet in the full-text index.", waiting?.unindexed ?? Number.NaN),
        gauge("papers_without_vector", "Papers without an embedding.", waiting?.withoutVector ?? Number.NaN),
        gauge(
          "queue_age_seconds",
          "Age of the oldest run of a job that is due.",
          states ? queueAge(states) : Number.NaN,
        ),
        gauge("requests_running", "Requests being processed.", admission.running),
        gauge("requests_waiting", "Requests waiting in the queue.", admission.waiting),
        counter(
          "requests_rejected_total",
          "Requests rejected because the queue was full.",
          admission.rejected,
        ),
        counter("page_cache_hits_total", "Pages served from the cache.", hits),
        counter("page_cache_misses_total", "Pages rendered because no current copy was cached.", misses),
        counter("page_cache_stale_total", "Stale pages served while the database was unavailable.", stale),
        counter("database_statements_total", "Statements sent to the database.", statements),
        ...(busy === undefined
          ? []
          : [counter("database_seconds_total", "Time that the embedded database was busy.", busy)]),
        counter("cpu_seconds_total", "CPU time of the process, all threads.", cpuSeconds()),
        gauge("memory_bytes", "Resident set size of the process.", process.memoryUsage.rss()),
        gauge("uptime_seconds", "Seconds since the process started.", Math.round(process.uptime())),
      ];
    },
  };
}

let opened: Promise<RequestPipeline> | undefined;

/** The site's operations, begun at the first call. */
export function requestPipeline(): Promise<RequestPipeline> {
  opened ??= open();
  return opened;
}
