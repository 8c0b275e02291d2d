import type { ProblemCode } from "./problem.ts";

/** Requests that an address may make in a minute; `GRADUS_API_LIMIT` in the environment sets another number. */
export const requestsPerMinute = Number(process.env.GRADUS_API_LIMIT || 120);

/** What holds for every request, in sentences with code between backticks. */
export const apiConventions = [
  {
    title: "Requests",
    text:
      "Everything here is read by `GET` or `HEAD`, without a key, also by pages of other sites. Instants are UTC, " +
      "`2025-12-25T00:00:00.000Z`, and so are days. Other spellings of an arXiv identifier are understood.",
  },
  {
    title: "Parameters",
    text:
      "Unknown parameters are ignored and an empty value is none. Of several values the first counts, but for `topic`, " +
      "of which each does. A wrong value of a known parameter is 400, and the answer names it.",
  },
  {
    title: "Long lists",
    text:
      "An answer has `limit` items at most. While its `next_cursor` is not null, ask again with `cursor` set to it and " +
      'all else unchanged; of a list of papers the field `Link` has that address as `rel="next"`.',
  },
  {
    title: "Copies",
    text:
      "Answers may be kept for a minute, and carry an `ETag`: send it back as `If-None-Match`, and an answer that did " +
      "not change is 304 without a body.",
  },
  {
    title: "Limits",
    text:
      `An address may ask ${requestsPerMinute} times a minute (an IPv6 network of 64 bits counts as one); feeds are not ` +
      "counted. `RateLimit-Remaining` tells what is left and `RateLimit-Reset` in how many seconds the minute ends; " +
      "an answer of 429 tells in `Retry-After` how long to wait. A query has 250 characters at most, an address 8 kB.",
  },
] as const;

/** When each problem is told, for people. */
export const problemDescriptions: Readonly<Record<ProblemCode, string>> = {
  invalid_parameter: "A parameter has a wrong value: `field` names it, `message` tells what it may be.",
  query_too_long: "`q` has more than 250 characters.",
  invalid_address: "The path holds a `%` without two digits after it, or bytes that are not UTF-8.",
  cross_site: "A page of another site tried more than to read.",
  not_found: "There is no such paper here, or no such address.",
  method_not_allowed: "The method is not `GET`, `HEAD` or `OPTIONS`.",
  address_too_long: "The address is longer than 8 kB.",
  too_many_requests: "The minute is used up; `Retry-After` has the seconds to wait.",
  internal: "Our mistake; `message` has the reference under which the log tells more.",
  unavailable: "The database cannot be reached; `Retry-After` has the seconds to wait.",
  overloaded: "Too much is asked at this moment; `Retry-After` has the seconds to wait.",
};
