import { migrations } from "@gradus/database/migrations";
import { and, asc, count, countDistinct, desc, eq, isNotNull, max, ne, sql } from "drizzle-orm";
import { ago, dateLabel, dayOf, until } from "#lib/days.ts";
import type { OutageView, StatusView } from "#lib/status-view.ts";
import { version } from "../../../../package.json" with { type: "json" };
import type { Orm } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";
import { claims, embeddingModels, ingestState, measurements, papers } from "../database/schema/index.ts";
import { ARXIV, currentOutage } from "../ingestion/arxiv/outage.ts";
import { lastIngestion } from "../ingestion/last-ingestion.ts";
import { isFailing, jobStates } from "../jobs/job-states.ts";
import { featured } from "../papers/listing/query.ts";
import type { Site } from "../site.ts";

/** How many claims are measured officially, and when and by which version the latest were. */
async function measured(orm: Orm, now: Date): Promise<StatusView["claims"]> {
  const [counts] = await orm
    .select({ total: count(), measured: count(sql`nullif(${claims.verdict}, 'not run')`) })
    .from(claims);
  const [latest] = await orm
    .select({ version: measurements.version, at: measurements.measuredAt })
    .from(measurements)
    .orderBy(desc(measurements.measuredAt), desc(measurements.id))
    .limit(1);
  return {
    ...counts,
    last: latest && { label: dateLabel(latest.at, now), instant: latest.at.toISOString() },
    version: latest?.version,
  };
}

/** How many papers came in the last day, in the last week and ever, and when the last did, by the database's clock. */
async function arrivals(orm: Orm): Promise<StatusView["arrived"]> {
  const since = (days: number) => sql<number>`count(*) filter
    (where created_at > now() - make_interval(days => ${days}::int))::int`;
  const [arrived] = await orm
    .select({ day: since(1), week: since(7), all: count(), last: max(papers.createdAt) })
    .from(papers)
    .where(sql`${papers.lane} is distinct from 'seed'`);
  const { last, ...counts } = arrived;
  return {
    ...counts,
    last: last ? { label: ago(last, new Date()), instant: last.toISOString() } : undefined,
  };
}

/** Why requests to arXiv wait, by the clock of this machine, which they go by. */
export async function outageView(orm: Orm): Promise<OutageView | undefined> {
  const now = new Date();
  const outage = await currentOutage(orm, now);
  return outage && { failed: ago(outage.at, now), reason: outage.reason, next: until(outage.next, now) };
}

/** Jobs of sites that fetch new papers by themselves. */
const SOURCE_JOBS: ReadonlySet<string> = new Set(["ingest-atom", "ingest-hugging-face"]);

/** What `/status` shows. Answering at all means that the database is there. */
export async function siteStatus(
  site: Pick<Site, "database" | "now"> & { readonly jobs: Pick<Site["jobs"], "names"> },
): Promise<StatusView> {
  const { orm } = site.database;
  const now = site.now();
  const shown = featured({ last: dayOf(now) });
  const [
    [list],
    [{ indexed }],
    [{ runnable }],
    sources,
    [model],
    server,
    updated,
    arrived,
    claimsView,
    jobs,
    outage,
  ] = await Promise.all([
    orm
      .select({ papers: count(), days: countDistinct(papers.featuredOn) })
      .from(papers)
      .where(shown),
    orm.select({ indexed: count() }).from(papers).where(eq(papers.hidden, false)),
    orm
      .select({ runnable: count() })
      .from(papers)
      .where(and(shown, isNotNull(papers.specSlug))),
    orm.select().from(ingestState).where(ne(ingestState.source, ARXIV)).orderBy(asc(ingestState.source)),
    orm
      .select({
        name: embeddingModels.name,
        dimension: embeddingModels.dimension,
        papers: embeddingModels.papersCount,
        fitted: embeddingModels.createdAt,
      })
      .from(embeddingModels)
      .where(eq(embeddingModels.active, true)),
    orm.execute(
      sql`select current_setting('server_version') as version, pg_database_size(current_database()) as bytes`,
    ),
    lastIngestion(orm, now),
    arrivals(orm),
    measured(orm, now),
    jobStates(orm, site.jobs.names),
    outageView(orm),
  ]);
  const [{ version: serverVersion, bytes }] = rowsOf<{ version: string; bytes: number | string }>(server);
  return {
    papers: { featured: list.papers, days: list.days, indexed, runnable },
    updated,
    arrived,
    ingests: site.jobs.names.some((name) => SOURCE_JOBS.has(name)),
    sources: sources.map(({ source, okAt, errorAt }) => ({
      name: source,
      ok: okAt ? ago(okAt, now) : undefined,
      // A failure since the last success; what it said is for the log.
      failed: errorAt && (!okAt || errorAt > okAt) ? ago(errorAt, now) : undefined,
    })),
    // The queue's instants are the database's, also where the site's clock is stopped.
    jobs: jobs.map(({ name, succeeded, failed, next, running }) => ({
      name,
      ok: succeeded && ago(succeeded, new Date()),
      failed: failed && isFailing({ succeeded, failed }) ? ago(failed, new Date()) : undefined,
      next: next && until(next, new Date()),
      running,
    })),
    outage,
    claims: claimsView,
    model: model && {
      name: model.name,
      dimension: model.dimension,
      papers: model.papers,
      fitted: { label: dateLabel(model.fitted, now), instant: model.fitted.toISOString() },
    },
    versions: {
      gradus: version,
      node: process.versions.node,
      postgres: serverVersion.split(" ")[0],
      schema: migrations[migrations.length - 1].version,
    },
    megabytes: Math.ceil(Number(bytes) / 1e6),
  };
}
