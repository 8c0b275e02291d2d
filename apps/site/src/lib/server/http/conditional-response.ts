import { createHash } from "node:crypto";
import { ownBuffer } from "../own-buffer.ts";
import { acceptedEncoding, compressed } from "./compress.ts";

/** A body that is ready to be sent. */
export interface ResponseContent {
  readonly body: string;
  /** Its media type, with the character set. */
  readonly type: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether a minute later it may be another although the data are the same. */
  readonly shortLived?: boolean;
}

/** A body as it is sent to who accepts its encoding. */
interface EncodedBody {
  readonly body: Buffer<ArrayBuffer>;
  readonly encoding: string;
}

/** An answer with its tag, which may be sent many times: each of its encodings is made once. */
export interface PreparedResponse {
  readonly body: Buffer<ArrayBuffer>;
  readonly type: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly entityTag: string;
  readonly encodings: Map<string, Promise<EncodedBody | undefined>>;
}

/** How long copies may be kept: a minute, and a day when the site cannot be reached. */
const CACHE_CONTROL = "public, max-age=60, stale-if-error=86400";

/** The validator of a body. Weak, because the same body may be sent compressed. */
export function entityTag(body: string | Buffer): string {
  return `W/"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
}

/** Whether an `If-None-Match` field names a tag, by the weak comparison of RFC 9110, section 8.8.3.2. */
export function matchesEntityTag(field: string | null, tag: string): boolean {
  if (field === null) return false;
  const opaque = (text: string) => text.trim().replace(/^W\//, "");
  return field.trim() === "*" || field.split(",").some((listed) => opaque(listed) === opaque(tag));
}

/** Makes an answer ready to be sent. */
export function prepareResponse({ body: text, type, headers = {} }: ResponseContent): PreparedResponse {
  const body = ownBuffer(Buffer.from(text));
  return { body, type, headers, entityTag: entityTag(body), encodings: new Map() };
}

/** The body compressed as a request allows; undefined where it is sent as it is. */
function encodedFor(
  request: Request,
  { body, type, encodings: packed }: PreparedResponse,
): Promise<EncodedBody | undefined> {
  const encoding = acceptedEncoding(request.headers.get("accept-encoding"));
  if (!encoding) return Promise.resolve(undefined);
  const known = packed.get(encoding);
  if (known) return known;
  const made = (async () => {
    const response = await compressed(request, new Response(body, { headers: { "Content-Type": type } }));
    if (!response.headers.has("content-encoding")) return undefined;
    return { body: Buffer.from(await response.arrayBuffer()), encoding };
  })();
  packed.set(encoding, made);
  made.catch(() => packed.delete(encoding));
  return made;
}

/**
 * Sends an answer that may be kept for a minute, or 304 when the client has it already: by its `ETag`, or, where the
 * request has none, by `Last-Modified`, which must be the very one that was sent.
 */
export async function conditionalResponse(request: Request, answer: PreparedResponse): Promise<Response> {
  const { body, type, headers: own, entityTag: tag } = answer;
  const headers = new Headers({ ...own, ETag: tag, "Cache-Control": CACHE_CONTROL });
  const modified = headers.get("Last-Modified");
  const known = request.headers.has("if-none-match")
    ? matchesEntityTag(request.headers.get("if-none-match"), tag)
    : modified !== null && request.headers.get("if-modified-since") === modified;
  if (known) {
    // As the answer whose copy it confirms (RFC 9110, section 15.4.5).
    headers.append("Vary", "Accept-Encoding");
    return new Response(null, { status: 304, headers });
  }
  headers.set("Content-Type", type);
  const packed = await encodedFor(request, answer);
  if (!packed) return new Response(body, { headers });
  headers.set("Content-Encoding", packed.encoding);
  headers.set("Content-Length", String(packed.body.length));
  headers.append("Vary", "Accept-Encoding");
  return new Response(packed.body, { headers });
}
