import { createRoute, z } from "@hono/zod-openapi";
import { parseArxivId } from "#lib/arxiv-id.ts";
import { signInPath } from "#lib/sign-in-link.ts";
import { VOTES_PER_HOUR, voteLimitMessage } from "#lib/vote-limit.ts";
import { Problem } from "../../http/problem.ts";
import { requestVote } from "../../people/vote-requests.ts";
import { site } from "../../site.ts";
import { requireAccount } from "../authorize.ts";
import { type ApiContext, newApi } from "../context.ts";
import { arxivIdParameter } from "../parameters.ts";
import { writeResponses } from "../responses.ts";
import { voteSchema } from "../schemas.ts";

const shared = {
  path: "/api/v1/papers/{id}/vote" as const,
  tags: ["Papers"],
  request: { params: z.object({ id: arxivIdParameter }) },
  security: [{ token: [] }],
  responses: writeResponses(
    voteSchema,
    {
      401: "Nobody is signed in, or the access token lacks scope `votes`; `message` has the page to sign in on.",
      404: "Paper not found.",
    },
    200,
  ),
};

/** Casts a vote. */
const castVote = createRoute({
  ...shared,
  method: "put",
  operationId: "castVote",
  summary: "Vote for a paper",
  description: `With scope \`votes\`. A second vote changes nothing. At most ${VOTES_PER_HOUR} votes an hour.`,
});

/** Withdraws a vote. */
const withdrawVote = createRoute({
  ...shared,
  method: "delete",
  operationId: "withdrawVote",
  summary: "Withdraw a vote",
  description: "With scope `votes`. Without a vote, nothing changes.",
});

/** Casts or withdraws the vote of an account. */
async function vote(context: ApiContext, given: string, cast: boolean) {
  const { person } = context.env;
  const signedOut = !person && context.req.header("authorization") === undefined;
  const arxivId = parseArxivId(given)?.id ?? "";
  const { origin } = new URL(context.req.url);
  if (signedOut) {
    const path = signInPath({ pathname: `/papers/${arxivId}`, search: "" }, arxivId);
    throw new Problem("unauthorized", `Sign in to vote: ${origin}${path}`);
  }
  const userId = await requireAccount(context, "votes");
  const { database, now } = await site();
  const outcome = await requestVote(database.orm, { arxivId, userId, cast, now: now() });
  if (!outcome) throw new Problem("not_found", `Paper “${given.slice(0, 64)}” not found.`, "id");
  if ("limitedFor" in outcome)
    throw new Problem(
      "too_many_requests",
      voteLimitMessage(outcome.limitedFor),
      undefined,
      outcome.limitedFor,
    );
  const { count: votes, voted } = outcome;
  return context.json({ votes, voted }, 200, { "Cache-Control": "no-store" });
}

/** Votes of readers. */
export const votesApi = newApi();
votesApi.openAPIRegistry.registerPath(castVote);
votesApi.openAPIRegistry.registerPath(withdrawVote);
votesApi.put("/api/v1/papers/:id/vote", (context) => vote(context, context.req.param("id"), true));
votesApi.delete("/api/v1/papers/:id/vote", (context) => vote(context, context.req.param("id"), false));
