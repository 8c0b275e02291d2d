import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const COMPRESSIBLE = /^(?:text\/|application\/(?:x-bibtex\b|(?:[\w.-]+\+)?(?:json|xml)\b))/;
const MINIMUM_BYTES = 1024;

const compressors = {
  br: (body: Buffer) =>
    promisify(brotliCompress)(body, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_SIZE_HINT]: body.length },
    }),
  gzip: (body: Buffer) => promisify(gzip)(body),
};

/** The encodings that an `Accept-Encoding` field allows by name. */
export function acceptedEncodings(field: string | null): ReadonlySet<string> {
  return new Set(
    (field ?? "")
      .toLowerCase()
      .split(",")
      .map((part) => part.trim().split(/\s*;\s*/))
      .filter(([, quality]) => !quality || !/^q=0(?:\.0*)?$/.test(quality))
      .map(([name]) => name),
  );
}

/** The better encoding that an `Accept-Encoding` field allows. */
export function acceptedEncoding(field: string | null): keyof typeof compressors | undefined {
  const allowed = acceptedEncodings(field);
  if (allowed.has("br")) return "br";
  return allowed.has("gzip") ? "gzip" : undefined;
}

/** The response with its body compressed as the request allows; small and binary bodies are left alone. */
export async function compressed(request: Request, response: Response): Promise<Response> {
  const type = response.headers.get("content-type") ?? "";
  if (!response.body || !COMPRESSIBLE.test(type) || response.headers.has("content-encoding")) return response;
  const headers = new Headers(response.headers);
  headers.append("vary", "Accept-Encoding");
  const encoding = acceptedEncoding(request.headers.get("accept-encoding"));
  const body = Buffer.from(await response.arrayBuffer());
  const { status, statusText } = response;
  if (!encoding || body.length < MINIMUM_BYTES) return new Response(body, { status, statusText, headers });
  const packed = await compressors[encoding](body);
  headers.set("content-encoding", encoding);
  headers.set("content-length", String(packed.length));
  return new Response(packed, { status, statusText, headers });
}
