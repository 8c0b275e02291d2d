import { createHash } from "node:crypto";

/** A body that is ready to be sent. */
export interface Answer {
  readonly body: string;
  /** Its media type, with the character set. */
  readonly type: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What lets pages of other sites read. */
export const crossOrigin: Readonly<Record<string, string>> = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Expose-Headers":
    "ETag, Link, RateLimit-Limit, RateLimit-Policy, RateLimit-Remaining, RateLimit-Reset, Retry-After, X-Error-Message",
};

/** How long copies may be kept: a minute, and a day when the site cannot be reached. */
export const CACHE_CONTROL = "public, max-age=60, stale-if-error=86400";

/** The validator of a body. Weak, because the same body may be sent compressed. */
export function entityTag(body: string): string {
  return `W/"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
}

/** Whether an `If-None-Match` field names a tag, by the weak comparison of RFC 9110, section 8.8.3.2. */
export function matchesTag(field: string | null, tag: string): boolean {
  if (field === null) return false;
  const opaque = (text: string) => text.trim().replace(/^W\//, "");
  return field.trim() === "*" || field.split(",").some((listed) => opaque(listed) === opaque(tag));
}

/**
 * Sends an answer that may be kept for a minute, or 304 when the client has it already: by its `ETag`, or, where the
 * request has none, by `Last-Modified`, which must be the very one that was sent.
 */
export function cacheable(request: Request, { body, type, headers: own }: Answer): Response {
  const tag = entityTag(body);
  const headers = new Headers({ ...crossOrigin, ...own, ETag: tag, "Cache-Control": CACHE_CONTROL });
  const modified = headers.get("Last-Modified");
  const known = request.headers.has("if-none-match")
    ? matchesTag(request.headers.get("if-none-match"), tag)
    : modified !== null && request.headers.get("if-modified-since") === modified;
  if (known) return new Response(null, { status: 304, headers });
  headers.set("Content-Type", type);
  return new Response(body, { headers });
}

/** The answer to a browser that asks whether another site's page may read. */
export function preflight(): Response {
  return new Response(null, {
    status: 204,
    headers: {
      ...crossOrigin,
      "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
      "Access-Control-Allow-Headers": "Accept, If-None-Match, If-Modified-Since",
      "Access-Control-Max-Age": "86400",
    },
  });
}
