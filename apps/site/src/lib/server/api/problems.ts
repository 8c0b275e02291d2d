import { randomUUID } from "node:crypto";
import { isConnectionError } from "../database/connection-errors.ts";
import { Problem } from "../http/problem.ts";
import { problemFormat } from "../http/problem-format.ts";
import { errorFields, log } from "../log.ts";
import type { ApiContext } from "./context.ts";

/** How soon to come back when the database cannot be reached, in seconds. */
const RETRY_AFTER = "10";

/** The answer to a failed request, in the format of its path. */
export function problemResponse(
  problem: Problem,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const { body, headers: own } = problemFormat(path)(problem);
  return Response.json(body, {
    status: problem.status,
    headers: { ...headers, ...own, "Cache-Control": "no-store" },
  });
}

/** The answer to a request that a route failed to answer. */
export function failure(error: Error, { req }: ApiContext): Response {
  if (error instanceof Problem) {
    const headers: Record<string, string> = {};
    if (error.code === "unauthorized") headers["WWW-Authenticate"] = "Bearer";
    if (error.retryAfter !== undefined) headers["Retry-After"] = String(error.retryAfter);
    return problemResponse(error, req.path, headers);
  }
  const reference = randomUUID().slice(0, 8);
  log({ level: "error", reference, method: req.method, ...errorFields(error) });
  if (!isConnectionError(error))
    return problemResponse(
      new Problem("internal", `Internal server error (reference ${reference}).`),
      req.path,
    );
  const problem = new Problem("unavailable", "The database is temporarily unavailable.");
  return problemResponse(problem, req.path, { "Retry-After": RETRY_AFTER });
}

/** The path has no route, or none that this client may see. */
export const absentPath = (path: string) =>
  new Problem("not_found", `${path.slice(0, 100)} does not exist; see /api/openapi.json.`);

/** The answer to a request that no route answers. */
export function notFound({ req }: ApiContext): Response {
  return problemResponse(absentPath(new URL(req.url).pathname), req.path);
}
