import type { RequestEvent, RequestHandler } from "@sveltejs/kit";
import { rateLimiter, rateLimitHeaders } from "../rate-limit.ts";
import { site } from "../site.ts";
import { compatibleProblem } from "./compatible/problem.ts";
import { isCompatible, isCounted, type Operation } from "./operation.ts";
import { Problem, type ProblemWriter } from "./problem.ts";
import { cacheable, crossOrigin, preflight } from "./respond.ts";

const DEFAULT_LIMIT = 120;

const usual: ProblemWriter = (problem) => ({ body: problem.toJSON(), headers: {} });

/** Requests a minute that one address may make; `GRADUS_API_LIMIT` in the environment sets another number. */
const allowanceOf = rateLimiter(Number(process.env.GRADUS_API_LIMIT || DEFAULT_LIMIT));

/** The answer to a request that went wrong. */
export function problemResponse(
  problem: Problem,
  {
    describe = usual,
    headers = {},
  }: { describe?: ProblemWriter; headers?: Readonly<Record<string, string>> } = {},
): Response {
  const { body, headers: own } = describe(problem);
  return Response.json(body, {
    status: problem.status,
    headers: { ...crossOrigin, ...headers, ...own, "Cache-Control": "no-store" },
  });
}

/** Counts the request and answers it, or says that the address has used up its minute. */
async function counted(
  event: RequestEvent,
  describe: ProblemWriter,
  answer: () => Promise<Response>,
): Promise<Response> {
  // The real time, also where the site's clock is stopped: a window must end.
  const allowance = allowanceOf(event.getClientAddress(), new Date());
  const headers = rateLimitHeaders(allowance);
  if (!allowance.allowed) {
    const problem = new Problem(
      "too_many_requests",
      `More than ${allowance.limit} requests in a minute; go on in ${allowance.seconds} s.`,
    );
    return problemResponse(problem, { describe, headers });
  }
  const response = await answer();
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
  return response;
}

/** An answer to a request, or the problem with it. */
async function answered(
  { request, url, params }: RequestEvent,
  operation: Operation,
  describe: ProblemWriter,
): Promise<Response> {
  try {
    const given = Object.entries(params).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    );
    return cacheable(request, await operation.answer(await site(), url, Object.fromEntries(given)));
  } catch (error) {
    if (error instanceof Problem) return problemResponse(error, { describe });
    throw error;
  }
}

/** The handlers of a route of the API. */
export interface Endpoint {
  readonly GET: RequestHandler;
  readonly OPTIONS: RequestHandler;
  readonly fallback: RequestHandler;
}

/** The route of an operation: counted, checked, cached, readable from other sites. */
export function endpoint(operation: Operation): Endpoint {
  const describe = isCompatible(operation) ? compatibleProblem : usual;
  const answer = (event: RequestEvent) => answered(event, operation, describe);
  return {
    GET: (event) => (isCounted(operation) ? counted(event, describe, () => answer(event)) : answer(event)),
    OPTIONS: () => preflight(),
    fallback: ({ request }) =>
      problemResponse(
        new Problem("method_not_allowed", `${operation.path} cannot be asked by ${request.method}.`),
        { describe, headers: { Allow: "GET, HEAD, OPTIONS" } },
      ),
  };
}
