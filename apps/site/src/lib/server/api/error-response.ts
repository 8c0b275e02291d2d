import { corsHeaders } from "../http/cors.ts";
import { Problem, type ProblemCode } from "../http/problem.ts";
import { isForPrograms } from "../http/problem-format.ts";
import { problemResponse } from "./problems.ts";

/** How soon to come back, in seconds. */
const RETRY_AFTER = "1";

/** An answer made without the route: to programs as its path tells of failures, to readers a sentence. */
export function errorResponse(path: string, code: ProblemCode, message: string): Response {
  const problem = new Problem(code, message);
  const { status } = problem;
  const again: Record<string, string> = status === 503 ? { "Retry-After": RETRY_AFTER } : {};
  if (isForPrograms(path)) return problemResponse(problem, path, { ...corsHeaders, ...again });
  const headers = { ...again, "Cache-Control": "no-store", "Content-Type": "text/plain; charset=utf-8" };
  return new Response(`${message}\n`, { status, headers });
}
