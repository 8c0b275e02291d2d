import type { ProblemCode } from "../http/problem.ts";

/**
 * Requests that an address may make in a minute: `GRADUS_API_LIMIT`, or 120.
 *
 * @throws Error when it is no number of requests
 */
export function apiLimit({ GRADUS_API_LIMIT: given }: NodeJS.ProcessEnv): number {
  if (!given) return 120;
  if (!/^[1-9]\d{0,8}$/.test(given))
    throw new Error(
      `GRADUS_API_LIMIT must be the number of API requests per minute, an integer from 1 to 999999999, got "${given}"`,
    );
  return Number(given);
}

/** What the environment sets. */
export const requestsPerMinute = apiLimit(process.env);

/** What holds for every request, in sentences with code between backticks. */
export const apiConventions = [
  {
    title: "Requests",
    text:
      "Reading needs no API key, and cross-origin requests may read. Timestamps are UTC, such as " +
      "`2025-12-25T00:00:00.000Z`, and so are days. arXiv identifiers are accepted in any common form.",
  },
  {
    title: "Writing",
    text:
      "Requests that change something send `Authorization: Bearer` with an access token of the operation's scope, which " +
      "you create on your account page, and a body of `application/json`. Unknown fields are an error. Sending a request " +
      "again is safe: what was done is not done twice.",
  },
  {
    title: "Parameters",
    text:
      "Unknown parameters are ignored, and an empty value counts as absent. If a parameter is repeated, the first value " +
      "is used, except for `topic`, which is repeatable. An invalid value gives 400, and the error names the parameter.",
  },
  {
    title: "Pagination",
    text:
      "A response has at most `limit` items. While `next_cursor` is not null, repeat the request with `cursor` set to " +
      'it. Lists of papers also give the URL of the next page in the `Link` header (`rel="next"`).',
  },
  {
    title: "Caching",
    text:
      "Responses may be cached for a minute and carry an `ETag`. Send it back as `If-None-Match`: if nothing changed, " +
      "the response is 304 without a body.",
  },
  {
    title: "Rate limits",
    text:
      `${requestsPerMinute} requests per minute and IP address (an IPv6 /64 network counts as one address); feeds are ` +
      "not limited. `RateLimit-Remaining` is the number of requests left, `RateLimit-Reset` the seconds until the " +
      "window ends; a 429 response has the seconds to wait in `Retry-After`. Queries have at most 250 characters, URLs 8 kB.",
  },
] as const;

/** When each problem occurs, for people. */
export const problemDescriptions: Readonly<Record<ProblemCode, string>> = {
  invalid_parameter:
    "A parameter has an invalid value: `field` names the parameter, `message` says what is expected.",
  query_too_long: "`q` has more than 250 characters.",
  invalid_address: "The path has a `%` not followed by two hexadecimal digits, or is not valid UTF-8.",
  cross_site: "A page of another site sent a request that is not read-only.",
  unauthorized: "The access token is missing, unknown or not meant for this operation.",
  duplicate: "The same was sent before.",
  too_large: "The body is too large.",
  unsupported_media_type: "The body is not `application/json`.",
  invalid_report: "A report cannot be accepted: `field` names the part, `message` says why.",
  invalid_body:
    "A field of the body has an invalid value: `field` names it, `message` says what is expected.",
  submission_refused: "The paper cannot be featured; `message` says why.",
  conflict: "What should change is not in a state in which it can.",
  not_found: "The paper, the subscription or the path does not exist.",
  method_not_allowed: "The path has no such method; `Allow` lists those that it has.",
  address_too_long: "The URL is longer than 8 kB.",
  too_many_requests: "Rate limit exceeded; `Retry-After` has the seconds to wait.",
  internal: "Internal server error; `message` has a reference to the entry in the server's log.",
  unavailable: "The database is unavailable; `Retry-After` has the seconds to wait.",
  overloaded: "The server is overloaded; `Retry-After` has the seconds to wait.",
};
