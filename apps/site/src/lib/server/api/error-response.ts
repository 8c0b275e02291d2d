import { Problem, type ProblemCode } from "../http/problem.ts";
import { problemResponse } from "./endpoint.ts";
import { operationOfRoute } from "./operations/index.ts";

/** How soon to come back, in seconds. */
const RETRY_AFTER = "1";

/** An answer made without the route: to programs as its operation tells of failures, to readers a sentence. */
export function errorResponse(
  { url, route }: { readonly url: URL; readonly route: { readonly id: string | null } },
  code: ProblemCode,
  message: string,
): Response {
  const problem = new Problem(code, message);
  const { status } = problem;
  const again: Record<string, string> = status === 503 ? { "Retry-After": RETRY_AFTER } : {};
  const operation = operationOfRoute(route.id);
  if (operation || url.pathname.startsWith("/api/"))
    return problemResponse(problem, { operation, headers: again });
  const headers = { ...again, "Cache-Control": "no-store", "Content-Type": "text/plain; charset=utf-8" };
  return new Response(`${message}\n`, { status, headers });
}
