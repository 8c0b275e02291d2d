import { createRoute, z } from "@hono/zod-openapi";
import { Problem } from "../../http/problem.ts";
import { type Decide, decisions } from "../../operator/decisions.ts";
import { site } from "../../site.ts";
import { requireOperator } from "../authorize.ts";
import { readBody, smallBody } from "../body.ts";
import { newApi } from "../context.ts";
import { decidedSchema } from "../operator-schemas.ts";
import { type WriteStatus, writeResponses } from "../responses.ts";
import { ADMINISTRATORS, NO_ACCOUNT, NO_OPERATOR, PRIVATE, ROOT, shared, WHOSE } from "./operator-words.ts";

/** A section in which something can be decided. */
interface Deciding {
  readonly section: keyof typeof decisions;
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly refusals: Readonly<Partial<Record<WriteStatus, string>>>;
}

const BODY = "The body is malformed.";

const deciding: readonly Deciding[] = [
  {
    section: "papers",
    operationId: "decidePaper",
    summary: "Feature, hide or restore a paper",
    description: `${WHOSE} A featured paper joins today's list.`,
    refusals: {
      404: "Your account may not see this, or there is no such paper.",
      409: "The paper is in this state already.",
      422: "The body is malformed, or the paper cannot be featured.",
    },
  },
  {
    section: "moderation",
    operationId: "decideFlag",
    summary: "Close a flag",
    description: WHOSE,
    refusals: { 404: NO_OPERATOR, 409: "The flag is closed already.", 422: BODY },
  },
  {
    section: "reports",
    operationId: "decideReport",
    summary: "Publish, hide or restore a report",
    description: `${WHOSE} A report's text is shown once it is published.`,
    refusals: { 404: NO_OPERATOR, 409: "There is nothing to change.", 422: BODY },
  },
  {
    section: "accounts",
    operationId: "decideAccount",
    summary: "Suspend or restore an account",
    description: `${WHOSE} A suspended account is signed out, and its votes do not count.`,
    refusals: { 404: NO_OPERATOR, 409: "The account cannot be suspended, or is not suspended.", 422: BODY },
  },
  {
    section: "mail",
    operationId: "decideMail",
    summary: "Retry a message, or allow an address",
    description: `${ADMINISTRATORS} \`retry\` sends a message again; \`allow\` lets a suppressed address get mail.`,
    refusals: {
      404: NO_OPERATOR,
      409: "The message cannot be sent any more, or the address is not suppressed.",
      422: BODY,
    },
  },
  {
    section: "jobs",
    operationId: "decideJob",
    summary: "Run a job",
    description: ADMINISTRATORS,
    refusals: { 404: "Your account may not see this, or there is no such job.", 422: BODY },
  },
];

/** What moderators and administrators decide: what the forms of their pages do, for programs. */
export const decisionsApi = newApi();

for (const { section, operationId, refusals, ...words } of deciding) {
  const path = `${ROOT}/${section}`;
  const open = new Map<string, Decide>(Object.entries(decisions[section]));
  const sentSchema = z
    .object({
      decision: z.enum([...open.keys()]),
      id: z.string().max(100).meta({ description: "As the list of the same path has it." }),
    })
    .strict()
    .openapi(`Sent${operationId[0].toUpperCase()}${operationId.slice(1)}`);
  decisionsApi.openAPIRegistry.registerPath(
    createRoute({
      ...{ ...shared, ...words, path, method: "post", operationId },
      request: { body: { required: true, content: { "application/json": { schema: sentSchema } } } },
      responses: writeResponses(
        decidedSchema,
        {
          ...{ 401: NO_ACCOUNT, ...refusals },
          ...{ 413: "The body is too large.", 415: "The body is not `application/json`." },
        },
        200,
      ),
    }),
  );
  decisionsApi.post(path, smallBody, async (context) => {
    const by = await requireOperator(context);
    const { decision, id } = await readBody(context, sentSchema);
    const outcome = await open.get(decision)?.(await site(), by, id);
    if (outcome instanceof Problem) throw outcome;
    return context.json(decidedSchema.parse({ message: outcome }), 200, PRIVATE);
  });
}
