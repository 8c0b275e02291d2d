/** The fields of responses that pages of other sites may read. */
export const exposedHeaders = [
  "ETag",
  "Link",
  "RateLimit-Limit",
  "RateLimit-Policy",
  "RateLimit-Remaining",
  "RateLimit-Reset",
  "Retry-After",
  "X-Error-Message",
];

/** What lets pages of other sites read an answer that no route gave. */
export const corsHeaders: Readonly<Record<string, string>> = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Expose-Headers": exposedHeaders.join(", "),
};
