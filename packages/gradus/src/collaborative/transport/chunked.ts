import { ArgumentError } from "../../check/errors.ts";
import { checkGivenOptions } from "../../check/options.ts";
import type { Transport } from "../peer/transport.ts";
import { fanOut } from "./fan-out.ts";

export interface ChunkedTransportOptions {
  readonly transport: Transport;
  /** The longest message that the transport carries, in bytes. */
  readonly limit: number;
  /** The longest message that is reassembled, in bytes. */
  readonly mostBytes: number;
}

/** Message number, index of the chunk, number of chunks. */
const HEADER_BYTES = 12;
/** How many incomplete messages of one sender are kept. */
const MOST_UNFINISHED = 4;

interface Unfinished {
  readonly chunks: (Uint8Array | undefined)[];
  missing: number;
}

/** The incomplete messages of one sender. */
class Assembly {
  readonly #mostChunks: number;
  readonly #mostBytes: number;
  readonly #unfinished = new Map<number, Unfinished>();

  constructor(mostChunks: number, mostBytes: number) {
    this.#mostChunks = mostChunks;
    this.#mostBytes = mostBytes;
  }

  /** Adds a chunk and returns the message that it completes, if any. */
  add(bytes: Uint8Array): Uint8Array | undefined {
    if (bytes.length < HEADER_BYTES) return undefined;
    const header = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
    const [id, place, count] = [0, 4, 8].map((offset) => header.getUint32(offset, true));
    if (count < 1 || count > this.#mostChunks || place >= count) return undefined;
    const chunk = bytes.subarray(HEADER_BYTES);
    if (count === 1) return chunk;
    const message = this.#unfinished.get(id) ?? { chunks: new Array(count).fill(undefined), missing: count };
    if (message.chunks.length !== count || message.chunks[place]) return undefined;
    message.chunks[place] = chunk;
    message.missing -= 1;
    this.#unfinished.set(id, message);
    // The first entry of a Map is the oldest.
    for (const old of this.#unfinished.keys())
      if (this.#unfinished.size > MOST_UNFINISHED) this.#unfinished.delete(old);
    if (message.missing > 0) return undefined;
    this.#unfinished.delete(id);
    const length = message.chunks.reduce((sum, part) => sum + (part?.length ?? 0), 0);
    if (length > this.#mostBytes) return undefined;
    const whole = new Uint8Array(length);
    let offset = 0;
    for (const part of message.chunks) {
      if (part) whole.set(part, offset);
      offset += part?.length ?? 0;
    }
    return whole;
  }
}

/**
 * A transport for messages longer than another transport carries: it sends them in chunks and reassembles them on
 * arrival, in any order. Losing one chunk loses the message; each sender can fill only its own few slots.
 *
 * @throws ArgumentError unless `limit` leaves room for a byte in a chunk
 */
export function chunkedTransport(options: ChunkedTransportOptions): Transport {
  checkGivenOptions("chunkedTransport", options, ["transport", "limit", "mostBytes"]);
  const { transport, limit, mostBytes } = options;
  const size = limit - HEADER_BYTES;
  if (!(size >= 1)) throw new ArgumentError(`limit must be more than ${HEADER_BYTES} bytes, got ${limit}`);
  const mostChunks = Math.max(1, Math.ceil(mostBytes / size));
  const senders = new Map<number, Assembly>();
  let sent = 0;

  function chunks(bytes: Uint8Array): Uint8Array[] {
    const id = sent++ % 2 ** 32;
    const count = Math.max(1, Math.ceil(bytes.length / size));
    return Array.from({ length: count }, (_, place) => {
      const part = bytes.subarray(place * size, (place + 1) * size);
      const chunk = new Uint8Array(HEADER_BYTES + part.length);
      const header = new DataView(chunk.buffer);
      [id, place, count].forEach((value, k) => {
        header.setUint32(4 * k, value, true);
      });
      chunk.set(part, HEADER_BYTES);
      return chunk;
    });
  }

  return {
    node: transport.node,
    async send(to, bytes) {
      await Promise.all(chunks(bytes).map((chunk) => transport.send(to, chunk)));
    },
    async broadcast(bytes) {
      await Promise.all(chunks(bytes).map((chunk) => transport.broadcast(chunk)));
    },
    subscribe: fanOut((handOn) =>
      transport.subscribe(({ from, bytes }) => {
        const assembly = senders.get(from) ?? new Assembly(mostChunks, mostBytes);
        senders.set(from, assembly);
        const message = assembly.add(bytes);
        if (message) handOn({ from, bytes: message });
      }),
    ),
  };
}
