import { randomUUID } from "node:crypto";
import type { RequestEvent, RequestHandler } from "@sveltejs/kit";
import { errorFields, log } from "../log.ts";
import { rateLimiter, rateLimitHeaders } from "../rate-limit.ts";
import { site } from "../site.ts";
import { isUnreachable } from "../unreachable.ts";
import { compatibleProblem } from "./compatible/problem.ts";
import { isCompatible, isCounted, type Operation } from "./operation.ts";
import { Problem, type ProblemWriter } from "./problem.ts";
import { cacheable, crossOrigin, preflight } from "./respond.ts";

const DEFAULT_LIMIT = 120;
/** How soon to come back when the database cannot be reached, in seconds. */
const RETRY_AFTER = "10";

const usual: ProblemWriter = (problem) => ({ body: problem.toJSON(), headers: {} });

/** Requests a minute that one address may make; `GRADUS_API_LIMIT` in the environment sets another number. */
const allowanceOf = rateLimiter(Number(process.env.GRADUS_API_LIMIT || DEFAULT_LIMIT));

/** The answer to a request that went wrong, as the operation that was asked for tells of failures. */
export function problemResponse(
  problem: Problem,
  { operation, headers = {} }: { operation?: Operation; headers?: Readonly<Record<string, string>> } = {},
): Response {
  const describe = operation && isCompatible(operation) ? compatibleProblem : usual;
  const { body, headers: own } = describe(problem);
  return Response.json(body, {
    status: problem.status,
    headers: { ...crossOrigin, ...headers, ...own, "Cache-Control": "no-store" },
  });
}

/** The answer to a request by a method that only reads do not have. */
export function methodNotAllowed(path: string, method: string, operation?: Operation): Response {
  const problem = new Problem("method_not_allowed", `${path} is read by GET, not by ${method}.`);
  return problemResponse(problem, { operation, headers: { Allow: "GET, HEAD, OPTIONS" } });
}

/** Counts the request and answers it, or says that the address has used up its minute. */
async function counted(
  event: RequestEvent,
  operation: Operation,
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
    return problemResponse(problem, { operation, headers });
  }
  const response = await answer();
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
  return response;
}

/** An answer to a request, or the problem with it. */
async function answered(
  { request, url, params, route }: RequestEvent,
  operation: Operation,
): Promise<Response> {
  try {
    const given = Object.entries(params).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    );
    return cacheable(request, await operation.answer(await site(), url, Object.fromEntries(given)));
  } catch (error) {
    if (error instanceof Problem) return problemResponse(error, { operation });
    const reference = randomUUID().slice(0, 8);
    log({
      level: "error",
      reference,
      method: request.method,
      route: route.id ?? "(none)",
      ...errorFields(error),
    });
    if (!isUnreachable(error))
      return problemResponse(new Problem("internal", `Something went wrong on our side (${reference}).`), {
        operation,
      });
    const problem = new Problem("unavailable", "The database cannot be reached at the moment.");
    return problemResponse(problem, { operation, headers: { "Retry-After": RETRY_AFTER } });
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
  const answer = (event: RequestEvent) => answered(event, operation);
  return {
    GET: (event) => (isCounted(operation) ? counted(event, operation, () => answer(event)) : answer(event)),
    OPTIONS: () => preflight(),
    fallback: ({ request }) => methodNotAllowed(operation.path, request.method, operation),
  };
}
