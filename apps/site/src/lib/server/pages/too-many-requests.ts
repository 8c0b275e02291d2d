import { type ActionFailure, fail, type RequestEvent } from "@sveltejs/kit";

/**
 * Refuses a form that was sent too often: status 429 with `content` for the page, and in `Retry-After` the whole `seconds`
 * after which it may be sent again.
 */
export function tooManyRequests<T extends Record<string, unknown>>(
  { setHeaders }: Pick<RequestEvent, "setHeaders">,
  seconds: number,
  content: T,
): ActionFailure<T> {
  setHeaders({ "Retry-After": String(seconds) });
  return fail(429, content);
}
