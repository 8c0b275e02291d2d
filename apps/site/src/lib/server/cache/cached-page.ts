import { randomBytes } from "node:crypto";
import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { ownBuffer } from "../own-buffer.ts";
import { type Checksum, checksumOf, joinedChecksum } from "./checksum.ts";
import { lruCache } from "./lru-cache.ts";

/** HTML between two places where the nonce stands, compressed by itself: hardly any reader wants it as it was. */
interface Piece {
  readonly packed: Buffer;
  /** Of the HTML. */
  readonly checksum: Checksum;
}

/** A rendered page, kept so that it can be sent again: all but the nonce, which is new each time. */
export interface CachedPage {
  readonly headers: Headers;
  readonly pieces: readonly Piece[];
  readonly bytes: number;
}

/** Levels of compression: many a page is sent once, and its styles with every page of its kind. */
const LEVEL = { page: 1, styles: 9 } as const;
const GZIP_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
/** A last, empty block. */
const DEFLATE_END = Buffer.from([1, 0, 0, 0xff, 0xff]);

const STYLES_END = "</style>";
/** Of pages of one kind they are always the same, and there are few kinds. */
const packedStyles = lruCache<Buffer>({
  capacity: 2 ** 20,
  sizeOf: ({ length }, styles) => length + styles.length,
});

/** A part of a page. Ends on a byte and refers to nothing outside, so that parts can be put one after another. */
function compressed(part: Buffer, level: number = LEVEL.page): Buffer {
  return deflateRawSync(part, { level, finishFlush: constants.Z_FULL_FLUSH });
}

/** Styles compressed, and what follows them in its piece by itself. */
function packedPiece(html: Buffer): Buffer {
  const end = html.indexOf(STYLES_END);
  if (end < 0) return ownBuffer(compressed(html));
  const styles = html.toString("latin1", 0, end);
  const known = packedStyles.get(styles);
  const packed = known ?? ownBuffer(compressed(html.subarray(0, end), LEVEL.styles));
  if (!known) packedStyles.set(styles, packed);
  return ownBuffer(packed, compressed(html.subarray(end)));
}

/** The HTML of a piece. */
function unpacked({ packed }: Piece): Buffer {
  return inflateRawSync(packed, { finishFlush: constants.Z_SYNC_FLUSH });
}

/** The parts of some bytes between the places where others stand. */
function split(bytes: Buffer, separator: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  let from = 0;
  for (let at = bytes.indexOf(separator); at >= 0; at = bytes.indexOf(separator, from)) {
    parts.push(bytes.subarray(from, at));
    from = at + separator.length;
  }
  return [...parts, bytes.subarray(from)];
}

/** Memory for one page at a time, three bytes for each unit of its text at most. */
let scratch = Buffer.alloc(0);

/** A text in UTF-8, in memory that the next one takes: a page's own would be thrown away at once. */
function encoded(text: string): Buffer {
  if (scratch.length < 3 * text.length) scratch = Buffer.alloc(3 * text.length);
  return scratch.subarray(0, scratch.write(text));
}

/** A nonce that nobody can guess, as Content-Security-Policy wants it. */
function freshNonce(): string {
  return randomBytes(16).toString("base64");
}

/** An answer of a route. */
export interface Rendered {
  readonly response: Response;
  /** The text of a page, which the body of its response leaves out. */
  readonly html?: string;
}

/** The whole response of a route. */
export function wholeResponse({ response, html }: Rendered): Response {
  if (html === undefined) return response;
  const { status, statusText } = response;
  const headers = new Headers(response.headers);
  headers.delete("content-length");
  return new Response(html, { status, statusText, headers });
}

/** Keeps a page whose policy names a nonce; undefined for an answer that is not such a page. */
export function cachePage({ response, html }: Rendered): CachedPage | undefined {
  const { headers } = response;
  const [, nonce] = /'nonce-([^']+)'/.exec(headers.get("content-security-policy") ?? "") ?? [];
  const isPage = headers.get("content-type")?.startsWith("text/html");
  if (html === undefined || response.status !== 200 || !isPage || !nonce || headers.has("set-cookie"))
    return undefined;
  // The text is put together of many strings: to split it takes as long as to compress it.
  const pieces = split(encoded(html), Buffer.from(nonce)).map(
    (piece): Piece => ({ packed: packedPiece(piece), checksum: checksumOf(piece) }),
  );
  const bytes = pieces.reduce((sum, { packed }) => sum + packed.length, 0);
  const kept = new Headers(headers);
  kept.delete("content-length");
  kept.set("content-security-policy", kept.get("content-security-policy")?.replaceAll(nonce, "$") ?? "");
  return { headers: kept, pieces, bytes };
}

/** The nonce as a block that is stored, not compressed (RFC 1951, section 3.2.4). */
function storedBlock(text: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt16LE(text.length, 1);
  head.writeUInt16LE(~text.length & 0xffff, 3);
  return Buffer.concat([head, text]);
}

/** Values with another between each two. */
function between<T>(values: readonly T[], separator: T): T[] {
  return values.flatMap((value, i) => (i > 0 ? [separator, value] : [value]));
}

/** The page as gzip (RFC 1952), put together from its compressed pieces. */
function gzipped({ pieces }: CachedPage, nonce: Buffer): Buffer<ArrayBuffer> {
  const { crc, length } = joinedChecksum(
    between(
      pieces.map(({ checksum }) => checksum),
      checksumOf(nonce),
    ),
  );
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc, 0);
  trailer.writeUInt32LE(length >>> 0, 4);
  const packed = pieces.map((piece) => piece.packed);
  return Buffer.concat([GZIP_HEADER, ...between(packed, storedBlock(nonce)), DEFLATE_END, trailer]);
}

/** The page with a nonce of its own; `gzip` where the reader accepts it. */
export function pageResponse(copy: CachedPage, gzip: boolean): Response {
  const nonce = freshNonce();
  const headers = new Headers(copy.headers);
  headers.set(
    "content-security-policy",
    headers.get("content-security-policy")?.replaceAll("'nonce-$'", `'nonce-${nonce}'`) ?? "",
  );
  const text = Buffer.from(nonce);
  if (gzip) {
    const body = gzipped(copy, text);
    headers.set("content-encoding", "gzip");
    headers.set("content-length", String(body.length));
    headers.append("vary", "Accept-Encoding");
    return new Response(body, { headers });
  }
  const body = Buffer.concat(between(copy.pieces.map(unpacked), text));
  headers.set("content-length", String(body.length));
  return new Response(body, { headers });
}

/** The page with a sentence at its top that says from when it is, and `more` where there is more to say. */
export function stalePageResponse(copy: CachedPage, at: Date, more = ""): Response {
  const clock = at.toISOString().slice(11, 16);
  const notice =
    '<p class="outage" role="status">The database is temporarily unavailable. ' +
    `This is a copy of the page from ${at.toISOString().slice(0, 10)} at ${clock} UTC.${more}</p>`;
  const page = pageResponse(copy, false);
  const nonce = /'nonce-([^']+)'/.exec(page.headers.get("content-security-policy") ?? "")?.[1] ?? "";
  const html = copy.pieces.map((piece) => unpacked(piece).toString()).join(nonce);
  page.headers.delete("content-length");
  return new Response(
    html.replace(/<body[^>]*>/, (body) => `${body}${notice}`),
    { headers: page.headers },
  );
}
