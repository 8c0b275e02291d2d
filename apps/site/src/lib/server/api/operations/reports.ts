import { createRoute, z } from "@hono/zod-openapi";
import { Problem } from "../../http/problem.ts";
import { fileReport, REPORTS_PER_DAY } from "../../reports/file-report.ts";
import { NO_OWN_REPORT, withdrawReport } from "../../reports/own-reports.ts";
import { LARGEST_REPORT, readReport, sentReportSchema } from "../../reports/read-report.ts";
import { site } from "../../site.ts";
import { requireAccount } from "../authorize.ts";
import { assertJson, bodyOf } from "../body.ts";
import { newApi } from "../context.ts";
import { writeResponses } from "../responses.ts";
import { filedReportSchema, withdrawnReportSchema } from "../schemas.ts";

/** Sends a run. */
const sendReport = createRoute({
  method: "post",
  path: "/api/v1/reports",
  operationId: "sendReport",
  tags: ["Reports"],
  summary: "Send a report of a run",
  description:
    "A reproduction report, as `gradus run --report` writes it, with scope `reports`. The site judges its findings " +
    "with the experiment's own conditions and refuses a report that states anything else. Reports are shown beside " +
    `the official measurements and do not count in them. At most ${LARGEST_REPORT / 1024} KiB a report, ` +
    `${REPORTS_PER_DAY} reports a day, withdrawn ones included.`,
  security: [{ token: [] }],
  request: {
    body: {
      required: true,
      content: { "application/json": { schema: sentReportSchema.openapi("SentReport") } },
    },
  },
  responses: writeResponses(filedReportSchema, {
    401: "No valid access token with scope `reports`.",
    409: "The report was sent before.",
    413: "The body is too large.",
    415: "The body is not `application/json`.",
    422: "The report is malformed, was altered, or is of other parameters or another version.",
  }),
});

/** Withdraws a run that was sent. */
const withdrawSent = createRoute({
  method: "delete",
  path: "/api/v1/reports/{id}",
  operationId: "withdrawReport",
  tags: ["Reports"],
  summary: "Withdraw a report of a run",
  description:
    "Deletes a report that the account sent, with its text, whether a moderator has decided about it or not. With scope " +
    "`reports`.",
  security: [{ token: [] }],
  request: {
    params: z.object({
      id: z
        .string()
        .meta({ description: "The `id` that sending the report answered with.", examples: ["17"] }),
    }),
  },
  responses: writeResponses(
    withdrawnReportSchema,
    {
      401: "Nobody is signed in, or the access token lacks scope `reports`.",
      404: "The account has sent no such report, or has withdrawn it already.",
    },
    200,
  ),
});

/** Reports of runs. Their bodies are read here, not by the schema alone: it would follow any depth. */
export const reportsApi = newApi();
reportsApi.openAPIRegistry.registerPath(sendReport);
reportsApi.post(sendReport.path, bodyOf("A report", LARGEST_REPORT), async (context) => {
  const userId = await requireAccount(context, "reports");
  assertJson(context);
  const { database, now } = await site();
  const sent = await readReport(await context.req.text(), now());
  const { id, arxivId, checks, held, notePending } = await fileReport(database.orm, sent, {
    userId,
    now: now(),
  });
  const url = `${new URL(context.req.url).origin}/papers/${arxivId}#reports`;
  const body = filedReportSchema.parse({
    id,
    paper: arxivId,
    url,
    checks,
    held,
    note_pending: notePending,
  });
  return context.json(body, 201, { "Cache-Control": "no-store", Location: url });
});
reportsApi.openAPIRegistry.registerPath(withdrawSent);
reportsApi.delete("/api/v1/reports/:id", async (context) => {
  const userId = await requireAccount(context, "reports");
  const { database } = await site();
  const given = context.req.param("id");
  if (!(await withdrawReport(database.orm, { given, userId })))
    throw new Problem("not_found", NO_OWN_REPORT, "id");
  return context.json({ id: Number(given), withdrawn: true }, 200, { "Cache-Control": "no-store" });
});
