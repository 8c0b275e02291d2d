import { corsHeaders } from "../http/cors.ts";
import { Problem, type ProblemCode } from "../http/problem.ts";
import { isForPrograms } from "../http/problem-format.ts";
import { errorPage, wantsPage } from "../pages/error-page.ts";
import { problemResponse } from "./problems.ts";

/** How soon to come back, in seconds. */
const RETRY_AFTER = "1";

/** An answer made without the route: for programs in the path's format, for browsers a page, for others a sentence. */
export function errorResponse(request: Request, code: ProblemCode, message: string): Response {
  const { pathname: path } = new URL(request.url);
  const problem = new Problem(code, message);
  const { status } = problem;
  const again: Record<string, string> = status === 503 ? { "Retry-After": RETRY_AFTER } : {};
  if (isForPrograms(path)) return problemResponse(problem, path, { ...corsHeaders, ...again });
  const headers = { ...again, "Cache-Control": "no-store" };
  if (!wantsPage(request.headers.get("accept")))
    return new Response(`${message}\n`, {
      status,
      headers: { ...headers, "Content-Type": "text/plain; charset=utf-8" },
    });
  const page = errorPage({ status, message });
  return new Response(page, { status, headers: { ...headers, "Content-Type": "text/html; charset=utf-8" } });
}
