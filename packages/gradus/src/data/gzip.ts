import { DataError } from "../check/errors.ts";

/**
 * The content of gzip-compressed bytes; bytes that do not start with gzip's 1f 8b come back as they are, because
 * some servers decompress a .gz file on the way.
 *
 * @throws DataError when the compressed bytes are damaged or cut off
 */
export async function gunzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const content = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  try {
    return new Uint8Array(await new Response(content).arrayBuffer());
  } catch (cause) {
    throw new DataError(`gzip: the ${bytes.length} bytes are corrupt or truncated`, { cause });
  }
}
