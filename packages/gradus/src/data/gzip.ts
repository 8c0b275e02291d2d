import { DataError } from "../check/errors.ts";

/**
 * Decompresses gzip; bytes that do not start with gzip's 1f 8b are returned unchanged, because some servers decompress
 * .gz files themselves.
 *
 * @throws DataError when the compressed bytes are corrupt or truncated
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
