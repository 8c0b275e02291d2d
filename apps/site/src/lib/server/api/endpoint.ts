import { randomUUID } from "node:crypto";
import type { RequestEvent, RequestHandler } from "@sveltejs/kit";
import { isConnectionError } from "../database/connection-errors.ts";
import {
  conditionalResponse,
  corsHeaders,
  preflightResponse,
  type ResponseContent,
} from "../http/conditional-response.ts";
import { Problem, standardProblem } from "../http/problem.ts";
import { rateLimiter, rateLimitHeaders } from "../http/rate-limit.ts";
import { errorFields, log } from "../log.ts";
import { requestPipeline } from "../request-pipeline.ts";
import { site } from "../site.ts";
import { compatibleProblem } from "./compatible/problem.ts";
import { requestsPerMinute } from "./conventions.ts";
import { isCompatible, isRateLimited, type Operation } from "./operation.ts";
import { type ResponseCache, responseCache } from "./response-cache.ts";

/** How soon to come back when the database cannot be reached, in seconds. */
const RETRY_AFTER = "10";

const allowanceOf = rateLimiter(requestsPerMinute);

async function openMemory(): Promise<ResponseCache> {
  const [{ now }, { version }] = await Promise.all([site(), requestPipeline()]);
  return responseCache({ version, now });
}

let opened: Promise<ResponseCache> | undefined;

/** Answers a request from memory where that is as good as what `make` makes; `key` tells one answer from another. */
export async function cachedResponse(
  request: Request,
  key: string,
  make: (version: string | undefined) => Promise<ResponseContent>,
): Promise<Response> {
  opened ??= openMemory();
  const [memory, { enqueue }] = await Promise.all([opened, requestPipeline()]);
  return conditionalResponse(request, await memory.respond(key, (version) => enqueue(() => make(version))));
}

/** The answer to a request that went wrong, as the operation that was asked for tells of failures. */
export function problemResponse(
  problem: Problem,
  { operation, headers = {} }: { operation?: Operation; headers?: Readonly<Record<string, string>> } = {},
): Response {
  const describe = operation && isCompatible(operation) ? compatibleProblem : standardProblem;
  const { body, headers: own } = describe(problem);
  return Response.json(body, {
    status: problem.status,
    headers: { ...corsHeaders, ...headers, ...own, "Cache-Control": "no-store" },
  });
}

/** The answer to a request by a method that only reads do not have. */
export function methodNotAllowed(path: string, method: string, operation?: Operation): Response {
  const problem = new Problem("method_not_allowed", `${method} is not allowed for ${path}; use GET.`);
  return problemResponse(problem, { operation, headers: { Allow: "GET, HEAD, OPTIONS" } });
}

/** Counts the request and answers it, or says that the address has used up its minute. */
async function rateLimited(
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
      `Rate limit of ${allowance.limit} requests per minute exceeded; retry in ${allowance.seconds} s.`,
    );
    return problemResponse(problem, { operation, headers });
  }
  const response = await answer();
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
  return response;
}

/** An answer to a request, or the problem with it. */
async function respond(
  { request, url, params, route }: RequestEvent,
  operation: Operation,
): Promise<Response> {
  try {
    const given = Object.entries(params).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    );
    const own = await site();
    // By the whole address: answers name the addresses of pages and of what follows.
    return await cachedResponse(request, `${operation.id} ${url.href}`, (version) =>
      operation.respond(own, url, Object.fromEntries(given), { version }),
    );
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
    if (!isConnectionError(error))
      return problemResponse(new Problem("internal", `Internal server error (reference ${reference}).`), {
        operation,
      });
    const problem = new Problem("unavailable", "The database is temporarily unavailable.");
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
  const answer = (event: RequestEvent) => respond(event, operation);
  return {
    GET: (event) =>
      isRateLimited(operation) ? rateLimited(event, operation, () => answer(event)) : answer(event),
    OPTIONS: () => preflightResponse(),
    fallback: ({ request }) => methodNotAllowed(operation.path, request.method, operation),
  };
}
