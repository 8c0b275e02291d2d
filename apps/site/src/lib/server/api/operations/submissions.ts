import { createRoute, z } from "@hono/zod-openapi";
import { parsePaperReference } from "#lib/arxiv-id.ts";
import { Problem } from "../../http/problem.ts";
import { site } from "../../site.ts";
import {
  LOOKS_PER_HOUR,
  lookAllowance,
  lookLimitMessage,
  ownSubmission,
  readAdditions,
} from "../../submissions/request.ts";
import {
  CLASSICS_PER_DAY,
  DAILY_DAYS,
  LONGEST_NOTE,
  PER_DAY,
  type Refusal,
  refusalMessages,
  secondsUntilAllowed,
} from "../../submissions/rules.ts";
import { submitPaper } from "../../submissions/submit.ts";
import { requireAccount } from "../authorize.ts";
import { readBody, smallBody } from "../body.ts";
import { newApi } from "../context.ts";
import { writeResponses } from "../responses.ts";
import { submissionSchema } from "../schemas.ts";

const sentSubmissionSchema = z
  .object({
    paper: z.string().max(300).meta({
      description: "arXiv identifier, or the address of the paper's page at arXiv, Hugging Face or alphaXiv.",
    }),
    code: z.string().max(400).default("").meta({
      description: "https address of its code at github.com, gitlab.com, codeberg.org or huggingface.co.",
    }),
    note: z
      .string()
      .max(2000)
      .default("")
      .meta({
        description: `Up to ${LONGEST_NOTE} characters of plain text for moderators.`,
      }),
  })
  .strict()
  .openapi("SentSubmission");

/** Submits a paper. */
const submit = createRoute({
  method: "post",
  path: "/api/v1/submissions",
  operationId: "submitPaper",
  tags: ["Submissions"],
  summary: "Submit a paper",
  description:
    "Features a paper of arXiv, with scope `submissions`: in the daily lane while its first version is at most " +
    `${DAILY_DAYS} days old, else in the classic lane, which takes ${CLASSICS_PER_DAY} papers a day. While arXiv does not ` +
    "answer the submission is `pending`, for up to 48 hours. Your own submission of the same paper is returned with " +
    `status 200. At most ${PER_DAY} papers a day and ${LOOKS_PER_HOUR} requests an hour.`,
  security: [{ token: [] }],
  request: { body: { required: true, content: { "application/json": { schema: sentSubmissionSchema } } } },
  responses: {
    ...writeResponses(
      submissionSchema,
      {
        401: "No valid access token with scope `submissions`.",
        409: "The paper is featured, or somebody else's submission of it is pending.",
        413: "The body is too large.",
        415: "The body is not `application/json`.",
        422: "A field is malformed, or the paper cannot be featured.",
      },
      201,
    ),
    200: {
      description: "You have submitted this paper before.",
      content: { "application/json": { schema: submissionSchema } },
    },
  },
});

/** A rule of submissions as a problem of the API. */
function refusalProblem(refusal: Refusal, now: Date): Problem {
  const message = refusalMessages[refusal];
  const field = "paper";
  if (refusal === "featured" || refusal === "waiting") return new Problem("duplicate", message, field);
  const seconds = secondsUntilAllowed(refusal, now);
  if (seconds !== undefined) return new Problem("too_many_requests", message, field, seconds);
  if (refusal === "malformed") return new Problem("invalid_body", message, field);
  return new Problem("submission_refused", message, field);
}

/** Papers that readers submit. */
export const submissionsApi = newApi();
submissionsApi.openAPIRegistry.registerPath(submit);
submissionsApi.post(submit.path, smallBody, async (context) => {
  const userId = await requireAccount(context, "submissions");
  const { paper, code, note } = await readBody(context, sentSubmissionSchema);
  const additions = readAdditions(code, note);
  if ("message" in additions) throw new Problem("invalid_body", additions.message, additions.field);
  const allowance = lookAllowance(userId);
  if (!allowance.allowed)
    throw new Problem("too_many_requests", lookLimitMessage(allowance), undefined, allowance.seconds);
  const { database, arxiv, jobs, now } = await site();
  const asked = { client: arxiv, userId, now: now() };
  const answer = (
    { arxivId, state, lane }: Pick<z.output<typeof submissionSchema>, "state" | "lane"> & { arxivId: string },
    status: 200 | 201,
  ) => {
    const url = `${new URL(context.req.url).origin}/papers/${arxivId}`;
    const body = submissionSchema.parse({ paper: arxivId, state, lane, url });
    return context.json(body, status, { "Cache-Control": "no-store", Location: url });
  };
  const submitted = await submitPaper(database.orm, paper, additions, asked);
  if (submitted.kind !== "refused") {
    await jobs.request("maintenance");
    const lane = submitted.kind === "accepted" ? submitted.lane : null;
    return answer({ arxivId: submitted.arxivId, state: submitted.kind, lane }, 201);
  }
  const arxivId = parsePaperReference(paper.trim())?.id;
  const own = arxivId === undefined ? undefined : await ownSubmission(database.orm, userId, arxivId);
  if (own && own.state !== "refused") return answer({ ...own, state: own.state }, 200);
  throw refusalProblem(submitted.refusal, asked.now);
});
