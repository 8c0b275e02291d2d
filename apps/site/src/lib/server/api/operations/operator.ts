import { createRoute, z } from "@hono/zod-openapi";
import { parseArxivId } from "#lib/arxiv-id.ts";
import { arrivals } from "../../curation/arrivals.ts";
import { currentOutage } from "../../ingestion/arxiv/outage.ts";
import { openFlags } from "../../moderation/flags.ts";
import { attention } from "../../operator/attention.ts";
import { jobsOverview } from "../../operator/jobs-overview.ts";
import { siteMail } from "../../operator/mail-overview.ts";
import { mayOperate, type Operator } from "../../people/operators.ts";
import { listAccounts, maySuspend } from "../../people/suspensions.ts";
import { plainLine } from "../../plain-line.ts";
import { moderatedReports } from "../../reports/moderate.ts";
import { type Site, site } from "../../site.ts";
import { refusalMessages } from "../../submissions/rules.ts";
import { requireOperator } from "../authorize.ts";
import { newApi } from "../context.ts";
import {
  accountsSchema,
  arrivalsSchema,
  flagsSchema,
  moderatedReportsSchema,
  operatorOverviewSchema,
  siteJobsSchema,
  siteMailSchema,
} from "../operator-schemas.ts";
import { integerParameter, period, query, readProblem } from "../parameters.ts";
import { writeResponses } from "../responses.ts";
import { ADMINISTRATORS, NO_ACCOUNT, NO_OPERATOR, PRIVATE, ROOT, shared, WHOSE } from "./operator-words.ts";

/** Who asks, and where the site is. */
interface Asked {
  readonly by: Operator;
  readonly origin: string;
}

/** A section that can be read. */
interface Reading<Shape extends z.ZodRawShape, Schema extends z.ZodType> {
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly parameters: Shape;
  readonly schema: Schema;
  read(own: Site, parameters: z.output<z.ZodObject<Shape>>, asked: Asked): Promise<z.input<Schema>>;
}

/** What moderators and administrators see: what their pages show, for programs. */
export const operatorApi = newApi();

function addReading<Shape extends z.ZodRawShape, Schema extends z.ZodType>({
  parameters,
  schema,
  read,
  ...route
}: Reading<Shape, Schema>): void {
  const asked = query(parameters);
  const hasParameters = Object.keys(parameters).length > 0;
  const refusals = {
    ...(hasParameters ? { 400: "Invalid parameter." } : {}),
    ...{ 401: NO_ACCOUNT, 404: NO_OPERATOR },
  };
  operatorApi.openAPIRegistry.registerPath(
    createRoute({
      ...{ ...shared, ...route, method: "get" },
      request: { query: asked },
      responses: writeResponses(schema, refusals, 200),
    }),
  );
  operatorApi.get(route.path, async (context) => {
    const by = await requireOperator(context);
    const given = context.req.queries();
    const parsed = asked.safeParse(given);
    if (!parsed.success) throw readProblem(parsed.error, "query", given);
    const { origin } = new URL(context.req.url);
    const body = schema.parse(await read(await site(), parsed.data, { by, origin }));
    return Response.json(body, { headers: PRIVATE });
  });
}

const instant = (value: Date | null | undefined) => value?.toISOString() ?? null;

addReading({
  path: ROOT,
  operationId: "readOperatorOverview",
  summary: "List what needs your attention",
  description: `${WHOSE} Moderators see only what they may decide.`,
  parameters: {},
  schema: operatorOverviewSchema,
  async read(opened, _, { by, origin }) {
    const found = await attention(opened);
    const own = found.filter(({ path }) => mayOperate(by, path));
    return { attention: own.map(({ text, path }) => ({ text, url: `${origin}${path}` })) };
  },
});

addReading({
  path: `${ROOT}/papers`,
  operationId: "listArrivals",
  summary: "List new papers",
  description: `${WHOSE} Fifty a page, the suggested ones first.`,
  parameters: {
    day: period(
      "day",
      "day",
      "UTC day on which they arrived or were submitted (default: the latest).",
    ).optional(),
    page: integerParameter("page", 1, 9999)
      .default(1)
      .meta({ description: "Page.", examples: [1] }),
  },
  schema: arrivalsSchema,
  async read({ database, now }, { day, page }, { origin }) {
    const found = await arrivals(database.orm, { day, page: page - 1, now: now() });
    return {
      ...{ day: found.day, page, pages: found.pages, total: found.total, featured: found.featured },
      days: found.days.map((one) => ({ day: one.day, arrived: one.came, featured: one.featured })),
      papers: found.papers.map((paper) => ({
        ...{ id: paper.arxivId, url: `${origin}/papers/${paper.arxivId}`, title: paper.title },
        authors: [...paper.authors],
        published_at: paper.publishedAt.toISOString(),
        categories: [...paper.categories],
        topics: [...paper.topics],
        state: paper.state,
        featured_at: instant(paper.featuredAt),
        refusal: paper.refusal ? refusalMessages[paper.refusal] : null,
        suggested: paper.suggested,
        near: paper.near.map(({ arxivId: id, title, cosine, votes }) => ({ id, title, cosine, votes })),
        duplicates: [...paper.duplicates],
        note: paper.note ?? null,
        external_upvotes: paper.externalUpvotes,
      })),
    };
  },
});

addReading({
  path: `${ROOT}/moderation`,
  operationId: "listFlags",
  summary: "List open flags",
  description: WHOSE,
  parameters: {},
  schema: flagsSchema,
  async read({ database }, _, { origin }) {
    const flags = await openFlags(database.orm);
    return {
      flags: flags.map(({ id, kind, subject, summary, path, raisedAt }) => ({
        ...{ id: String(id), kind, subject, summary, raised_at: raisedAt.toISOString() },
        url: path === undefined ? null : `${origin}${path}`,
      })),
    };
  },
});

addReading({
  path: `${ROOT}/reports`,
  operationId: "listModeratedReports",
  summary: "List reports",
  description: WHOSE,
  parameters: {},
  schema: moderatedReportsSchema,
  async read({ database }) {
    const reports = await moderatedReports(database.orm);
    return {
      reports: reports.map(({ id, arxivId: paper, noteState: note_state, sent, ...report }) => ({
        ...{ ...report, id: String(id), paper, note_state, sent_at: sent.toISOString() },
      })),
    };
  },
});

addReading({
  path: `${ROOT}/accounts`,
  operationId: "listAccounts",
  summary: "List accounts",
  description: `${WHOSE} Without a parameter, the suspended ones.`,
  parameters: {
    address: z
      .string()
      .max(254, { error: "“address” must have at most 254 characters." })
      .transform(plainLine)
      .optional()
      .meta({ description: "Part of the email address." }),
    voted_for: z
      .string()
      .transform((text) => parseArxivId(text)?.id)
      .refine((id) => id !== undefined, { error: "“voted_for” must be an arXiv identifier." })
      .optional()
      .meta({ description: "arXiv identifier of a paper that they voted for." }),
  },
  schema: accountsSchema,
  async read({ database }, { address, voted_for: votedFor }, { by }) {
    const accounts = await listAccounts(database.orm, { address, votedFor });
    return {
      accounts: accounts.map(({ createdAt, suspendedAt, ...account }) => ({
        ...account,
        created_at: createdAt.toISOString(),
        suspended_at: instant(suspendedAt),
        may_suspend: maySuspend(by, account),
      })),
    };
  },
});

addReading({
  path: `${ROOT}/mail`,
  operationId: "readSiteMail",
  summary: "Get the state of the mail",
  description: ADMINISTRATORS,
  parameters: {},
  schema: siteMailSchema,
  async read(own) {
    const { folder, waiting, digests, ...mail } = await siteMail(own);
    return {
      ...{ folder: folder !== undefined, waiting, digests },
      sent_today: mail.sentToday,
      undelivered: mail.troubled.map(({ id, nextAt, endedAt, mayRetry, ...row }) => ({
        ...{ ...row, id: String(id), next_at: instant(nextAt), ended_at: instant(endedAt) },
        may_retry: mayRetry,
      })),
      digests_run_at: instant(mail.lastTick),
      suppressed_count: mail.suppressedCount,
      suppressed: mail.suppressed.map(({ address = null, at, ...row }) => ({
        ...{ ...row, address, at: at.toISOString() },
      })),
      bounces: mail.bounces.map(({ address = null, at, ...row }) => ({
        ...{ ...row, address, at: at.toISOString() },
      })),
    };
  },
});

addReading({
  path: `${ROOT}/jobs`,
  operationId: "listJobs",
  summary: "List jobs",
  description: ADMINISTRATORS,
  parameters: {},
  schema: siteJobsSchema,
  async read(own) {
    const [{ jobs, failures }, outage] = await Promise.all([
      jobsOverview(own),
      // By the clock of this machine, which requests to arXiv go by.
      currentOutage(own.database.orm, new Date()),
    ]);
    return {
      jobs: jobs.map(({ name: id, label, failing, succeeded, failed, next, running, waiting }) => ({
        ...{ id, label, failing, running, waiting_seconds: waiting },
        ...{ succeeded_at: instant(succeeded), failed_at: instant(failed), next_at: instant(next) },
      })),
      outage: outage
        ? { failed_at: outage.at.toISOString(), reason: outage.reason, next_at: outage.next.toISOString() }
        : null,
      failures: failures.map(({ job, label, at, attempts, again, next, reason }) => ({
        ...{ job, label, at: at.toISOString(), attempts, will_retry: again, next_at: instant(next), reason },
      })),
    };
  },
});
