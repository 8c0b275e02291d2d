import { shown } from "../check/describe.ts";
import { ArgumentError, DataError } from "../check/errors.ts";
import { pacer } from "../iterate/iterate.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Bytes in memory or from a stream: a response's `body`, a file's read stream, a generator of chunks. */
export type ByteSource = Bytes | ReadableStream<Bytes> | AsyncIterable<Bytes> | Iterable<Bytes>;

/** Options of readers of bytes. */
export interface ReadingOptions {
  /** Rejects with the signal's reason, between two pieces of the source. */
  readonly signal?: AbortSignal;
  /** Called after each piece of at most 1 MiB with the bytes of the source so far, before they are decompressed. */
  readonly onProgress?: (bytes: number) => void;
}

/** The names of `ReadingOptions`. */
export const readingOptions: readonly (keyof ReadingOptions)[] = ["signal", "onProgress"];

/** Bytes of a piece. */
const PIECE = 2 ** 20;

/** The chunks of a stream, which is cancelled where the caller stops early. */
export async function* readAll(stream: ReadableStream<Bytes>): AsyncGenerator<Bytes, void, void> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel(); // ends the source when the caller stops early
  }
}

async function* chunks(source: ByteSource): AsyncGenerator<Bytes, void, void> {
  if (source instanceof Uint8Array) yield source;
  else if (source instanceof ReadableStream) yield* readAll(source);
  else if (isIterable(source)) yield* source;
  else throw noBytes("the source", source);
}

/** Whether something can be read in chunks; a string, such as a path, is none of bytes. */
function isIterable(source: unknown): boolean {
  return (
    typeof source === "object" &&
    source !== null &&
    (Symbol.asyncIterator in source || Symbol.iterator in source)
  );
}

function noBytes(what: string, got: unknown): ArgumentError {
  const value = shown(typeof got === "string" ? got.slice(0, 40) : got);
  return new ArgumentError(
    `${what} must be bytes, such as those of a file, a read stream without an encoding or a response's body, got ${value}`,
  );
}

/** Short pieces of a source, between which the event loop runs and the signal counts. */
async function* pieces(
  source: ByteSource,
  { signal, onProgress }: ReadingOptions,
): AsyncGenerator<Bytes, void, void> {
  const pace = pacer();
  let read = 0;
  signal?.throwIfAborted();
  for await (const chunk of chunks(source)) {
    if (!ArrayBuffer.isView(chunk)) throw noBytes("each chunk of the source", chunk);
    for (let at = 0; at < chunk.length; at += PIECE) {
      signal?.throwIfAborted();
      const piece = chunk.subarray(at, at + PIECE);
      yield piece;
      read += piece.length;
      onProgress?.(read);
      const turn = pace();
      if (turn) await turn;
    }
  }
  signal?.throwIfAborted();
}

/** Parts one after another. */
export function joined(parts: readonly Uint8Array[]): Bytes {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

async function* decompressed(
  compressed: AsyncGenerator<Bytes, void, void>,
): AsyncGenerator<Bytes, void, void> {
  let failure: unknown;
  const stream = new ReadableStream<Bytes>({
    async pull(controller) {
      try {
        const { done, value } = await compressed.next();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        failure = error;
        throw error;
      }
    },
    async cancel() {
      await compressed.return();
    },
  });
  try {
    yield* readAll(stream.pipeThrough(new DecompressionStream("gzip")));
  } catch (cause) {
    if (failure !== undefined) throw failure;
    throw new DataError("gzip: the data are corrupt or truncated", { cause });
  }
}

/**
 * The bytes of a source chunk by chunk, decompressed if they begin with gzip's 1f 8b.
 *
 * @throws DataError when compressed bytes are corrupt or truncated
 * @throws ArgumentError when the source does not give bytes
 * @throws what the source throws, and the signal's reason
 */
export async function* byteChunks(
  source: ByteSource,
  options: ReadingOptions = {},
): AsyncGenerator<Uint8Array, void, void> {
  const input = pieces(source, options);
  try {
    let head: Bytes = new Uint8Array();
    while (head.length < 2) {
      const { done, value } = await input.next();
      if (done) break;
      head = head.length === 0 ? value : joined([head, value]);
    }
    async function* whole(): AsyncGenerator<Bytes, void, void> {
      yield head;
      yield* input;
    }
    yield* head[0] === 0x1f && head[1] === 0x8b ? decompressed(whole()) : whole();
  } finally {
    await input.return();
  }
}
