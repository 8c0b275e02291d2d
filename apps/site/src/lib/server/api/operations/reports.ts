import { createRoute } from "@hono/zod-openapi";
import { fileReport, REPORTS_PER_DAY } from "../../reports/file-report.ts";
import { LARGEST_REPORT, readReport, sentReportSchema } from "../../reports/read-report.ts";
import { site } from "../../site.ts";
import { requireAccount } from "../authorize.ts";
import { assertJson, bodyOf } from "../body.ts";
import { newApi } from "../context.ts";
import { writeResponses } from "../responses.ts";
import { filedReportSchema } from "../schemas.ts";

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
    `${REPORTS_PER_DAY} reports a day.`,
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
