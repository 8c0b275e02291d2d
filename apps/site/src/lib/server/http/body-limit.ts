import { isApiPath } from "./problem-format.ts";

/** Bytes of a body: of a form or of JSON, and of the one form that takes a file, an exported account. */
export const LARGEST_BODY = 512 * 1024;
export const LARGEST_FILE = 8 * 1024 * 1024;
/** What has a limit of its own: that form, and posted mail, whose sender reads a refusal as JSON. */
const OWN_LIMIT = /^(?:\/account\?\/import(?:&|$)|\/hooks\/)/;

/** Whether a URL, from its path on, takes bodies of at most `LARGEST_BODY` bytes. */
export function hasUsualLimit(url: string): boolean {
  return !OWN_LIMIT.test(url);
}

/** Whether a request must be read before it is known how large its body is, and nothing else counts as it comes. */
export function isUnmeasured({ body, headers, url }: Request): boolean {
  const { pathname, search } = new URL(url);
  // The API counts the bytes of each write.
  return (
    body !== null &&
    !headers.has("content-length") &&
    hasUsualLimit(pathname + search) &&
    !isApiPath(pathname)
  );
}

/**
 * A request with its body in memory, or undefined when this has more than `largest` bytes. The rest of a larger one is
 * read in the background and dropped, so that a client that sends first and reads later gets its answer.
 */
export async function readWhole(request: Request, largest: number): Promise<Request | undefined> {
  const reader = request.body?.getReader();
  if (!reader) return request;
  const parts: Uint8Array[] = [];
  let length = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    length += part.value.length;
    if (length > largest) {
      void drop(reader);
      return undefined;
    }
    parts.push(part.value);
  }
  return new Request(request, { body: Buffer.concat(parts) });
}

/** Reads until the end, or until the server's own limits end it. */
async function drop(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  try {
    while (!(await reader.read()).done);
  } catch {
    // The client has left, or has sent too much even for a file.
  }
}
