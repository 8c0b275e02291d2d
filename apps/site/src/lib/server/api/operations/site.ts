import { papers as registry } from "@gradus/papers";
import { createRoute, z } from "@hono/zod-openapi";
import { and, asc, count, desc, eq, gte, isNotNull, lt, lte, max, ne } from "drizzle-orm";
import { dayOf } from "#lib/days.ts";
import manifest from "../../../../../package.json" with { type: "json" };
import { embeddingModels, ingestState, papers, paperTopics, topics } from "../../database/schema/index.ts";
import { ARXIV } from "../../ingestion/arxiv/outage.ts";
import { runnableView } from "../../papers/experiment-view.ts";
import { decodeCursor, encodeCursor } from "../../papers/listing/cursor.ts";
import { featured } from "../../papers/listing/query.ts";
import { claimCounts, sumOfCounts } from "../../papers/measurements/claim-measurements.ts";
import { answer, json } from "../answer.ts";
import { newApi } from "../context.ts";
import { requirePaper } from "../paper-resource.ts";
import { cursor, integerParameter, period, query } from "../parameters.ts";
import { responses } from "../responses.ts";
import { daysSchema, experimentsSchema, statusSchema, topicsSchema } from "../schemas.ts";

/** The place of a list of days: the day before. */
const dayPlace = z.tuple([z.iso.date().refine((day) => day >= "1900")]);

/** The topics. */
const listTopics = createRoute({
  method: "get",
  path: "/api/v1/topics",
  operationId: "listTopics",
  tags: ["Site"],
  summary: "List topics",
  description: "Topics are saved searches; their slugs filter lists, searches and feeds.",
  responses: responses({ schema: topicsSchema }),
});

/** Days with papers. */
const listDays = createRoute({
  method: "get",
  path: "/api/v1/days",
  operationId: "listDays",
  tags: ["Papers"],
  summary: "List days",
  description: "Days with featured papers and their counts, latest first.",
  request: {
    query: query({
      from: period("from", "day", "First day.").optional(),
      to: period("to", "day", "Last day.").optional(),
      limit: integerParameter("limit", 1, 366)
        .default(100)
        .meta({ description: "Days per page, at most 366." }),
      cursor,
    }),
  },
  responses: responses({ schema: daysSchema }, { statuses: [400] }),
});

/** The experiments. */
const listExperiments = createRoute({
  method: "get",
  path: "/api/v1/experiments",
  operationId: "listExperiments",
  tags: ["Papers"],
  summary: "List experiments",
  description: "Experiments with their parameters and the command that runs them on your machine.",
  request: {
    query: query({
      paper: z
        .string()
        .optional()
        .meta({
          description: "Only the experiments of the paper with this arXiv identifier.",
          examples: ["2412.08424"],
        }),
    }),
  },
  responses: responses({ schema: experimentsSchema }, { statuses: [400, 404] }),
});

/** The state of the site. */
const getStatus = createRoute({
  method: "get",
  path: "/api/v1/status",
  operationId: "getStatus",
  tags: ["Site"],
  summary: "Get the site's status",
  description: "Paper counts, latest ingestion, claim verdicts and the embedding model that search uses.",
  responses: responses({ schema: statusSchema }),
});

/** Topics, days, experiments and the state of the site. */
export const siteApi = newApi()
  .openapi(listTopics, (context) =>
    answer(context, async ({ site }) => {
      const rows = await site.database.orm
        .select({ slug: topics.slug, label: topics.label, query: topics.query, papers: count(papers.id) })
        .from(topics)
        .leftJoin(paperTopics, eq(paperTopics.topic, topics.slug))
        .leftJoin(papers, and(eq(papers.id, paperTopics.paperId), featured({ last: dayOf(site.now()) })))
        .groupBy(topics.slug)
        .orderBy(asc(topics.position), asc(topics.slug));
      return json(topicsSchema, { topics: rows });
    }),
  )
  .openapi(listDays, (context) =>
    answer(context, async ({ site }) => {
      const asked = context.req.valid("query");
      const today = dayOf(site.now());
      const [before] = asked.cursor === undefined ? [] : decodeCursor(asked.cursor, dayPlace);
      const rows = await site.database.orm
        .select({ date: papers.featuredOn, papers: count(), runnable: count(papers.specSlug) })
        .from(papers)
        .where(
          and(
            featured({ last: today }),
            asked.from === undefined ? undefined : gte(papers.featuredOn, asked.from),
            asked.to === undefined ? undefined : lte(papers.featuredOn, asked.to),
            before === undefined ? undefined : lt(papers.featuredOn, before),
          ),
        )
        .groupBy(papers.featuredOn)
        .orderBy(desc(papers.featuredOn))
        .limit(asked.limit + 1);
      const days = rows.slice(0, asked.limit);
      const next = rows.length > asked.limit ? encodeCursor([days[days.length - 1].date]) : null;
      return json(daysSchema, { days, next_cursor: next });
    }),
  )
  .openapi(listExperiments, (context) =>
    answer(context, async ({ site }) => {
      const asked = context.req.valid("query");
      const only =
        asked.paper === undefined ? undefined : await requirePaper(site.database.orm, asked.paper, "paper");
      const shown = registry.filter(({ arxivId }) => only === undefined || arxivId === only.arxivId);
      const views = await Promise.all(
        shown.map(async (paper) => {
          const { slug, experiments } = await runnableView(paper);
          return experiments.map(({ id, title, description, claims, seconds, fields }) => ({
            paper: paper.arxivId,
            slug,
            id,
            title,
            description,
            claims: [...claims],
            seconds,
            parameters: fields.map(({ name, label, values, minimum, maximum, options }) => ({
              name,
              label,
              quick: values.quick,
              full: values.full,
              minimum,
              maximum,
              options,
            })),
            command: `npx gradus run ${slug}/${id}`,
          }));
        }),
      );
      return json(experimentsSchema, { experiments: views.flat() });
    }),
  )
  .openapi(getStatus, (context) =>
    answer(context, async ({ site }) => {
      const { orm } = site.database;
      const now = site.now();
      const visible = eq(papers.hidden, false);
      const [stored] = await orm.select({ papers: count() }).from(papers).where(visible);
      const [list] = await orm
        .select({ papers: count(), latest: max(papers.featuredOn) })
        .from(papers)
        .where(featured({ last: dayOf(now) }));
      const runnable = await orm
        .select({ id: papers.id })
        .from(papers)
        .where(and(visible, isNotNull(papers.specSlug)));
      const claims = await claimCounts(
        orm,
        runnable.map(({ id }) => id),
      );
      const sources = await orm
        .select()
        .from(ingestState)
        .where(ne(ingestState.source, ARXIV))
        .orderBy(asc(ingestState.source));
      const [model] = await orm
        .select({
          name: embeddingModels.name,
          dimension: embeddingModels.dimension,
          papersCount: embeddingModels.papersCount,
          createdAt: embeddingModels.createdAt,
        })
        .from(embeddingModels)
        .where(eq(embeddingModels.active, true));
      const body = {
        now: now.toISOString(),
        version: manifest.version,
        papers: stored.papers,
        featured: list.papers,
        latest_day: list.latest,
        runnable: runnable.length,
        claims: sumOfCounts(claims.values()),
        ingestion: sources.map(({ source, okAt, errorAt }) => ({
          source,
          ok_at: okAt?.toISOString() ?? null,
          failing_since: errorAt && (!okAt || errorAt > okAt) ? errorAt.toISOString() : null,
        })),
        embedding: model
          ? {
              model: model.name,
              dimension: model.dimension,
              papers: model.papersCount,
              fitted_at: model.createdAt.toISOString(),
            }
          : null,
      };
      return json(statusSchema, body, { shortLived: true });
    }),
  );
