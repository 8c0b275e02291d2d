import { randomBytes } from "node:crypto";
import { constants, crc32, deflateRawSync } from "node:zlib";
import { lruCache } from "./lru-cache.ts";

/** A rendered page, kept so that it can be sent again: all but the nonce, which is new each time. */
export interface CachedPage {
  readonly headers: Headers;
  /** The HTML between the places where the nonce stands. */
  readonly pieces: readonly Buffer[];
  /** The same, each piece compressed by itself. */
  readonly compressedPieces: readonly Buffer[];
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
function compressedPiece(piece: Buffer): Buffer {
  const end = piece.indexOf(STYLES_END);
  if (end < 0) return compressed(piece);
  const styles = piece.toString("latin1", 0, end);
  const known = packedStyles.get(styles);
  const packed = known ?? compressed(piece.subarray(0, end), LEVEL.styles);
  if (!known) packedStyles.set(styles, packed);
  return Buffer.concat([packed, compressed(piece.subarray(end))]);
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
  const pieces = split(Buffer.from(html), Buffer.from(nonce));
  const packed = pieces.map(compressedPiece);
  const bytes = [...pieces, ...packed].reduce((sum, { length }) => sum + length, 0);
  const kept = new Headers(headers);
  kept.delete("content-length");
  kept.set("content-security-policy", kept.get("content-security-policy")?.replaceAll(nonce, "$") ?? "");
  return { headers: kept, pieces, compressedPieces: packed, bytes };
}

/** The nonce as a block that is stored, not compressed (RFC 1951, section 3.2.4). */
function storedBlock(text: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt16LE(text.length, 1);
  head.writeUInt16LE(~text.length & 0xffff, 3);
  return Buffer.concat([head, text]);
}

/** The page as gzip (RFC 1952), put together from its compressed pieces. */
function gzipped({ pieces, compressedPieces: packed }: CachedPage, nonce: Buffer): Buffer<ArrayBuffer> {
  const block = storedBlock(nonce);
  let check = 0;
  let size = 0;
  pieces.forEach((piece, i) => {
    if (i > 0) {
      check = crc32(nonce, check);
      size += nonce.length;
    }
    check = crc32(piece, check);
    size += piece.length;
  });
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(check, 0);
  trailer.writeUInt32LE(size >>> 0, 4);
  return Buffer.concat([
    GZIP_HEADER,
    ...packed.flatMap((piece, i) => (i > 0 ? [block, piece] : [piece])),
    DEFLATE_END,
    trailer,
  ]);
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
  const body = Buffer.concat(copy.pieces.flatMap((piece, i) => (i > 0 ? [text, piece] : [piece])));
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
  const html = copy.pieces.map((piece) => piece.toString()).join(nonce);
  page.headers.delete("content-length");
  return new Response(
    html.replace(/<body[^>]*>/, (body) => `${body}${notice}`),
    { headers: page.headers },
  );
}
