import type { Transport } from "gradus/collaborative";
import { z } from "zod";

const counts = z.record(z.string().max(40), z.int().min(0));

/** What a peer reports of its progress. */
export const reportSchema = z.object({
  kind: z.literal("report"),
  step: z.int().min(0),
  accuracy: z.number().min(0).max(1),
  missedDeadlines: z.int().min(0),
  caughtUp: z.int().min(0),
  /** Faulty messages by reason. */
  rejected: counts,
  /** Messages without fault that were not needed, by reason: late or repeated. */
  ignored: counts,
  bytesSent: z.number().min(0),
  finished: z.boolean(),
});

export type PeerReport = z.infer<typeof reportSchema>;

const nonce = z.string().max(40);

/** From a peer to the coordinator. */
const upward = z.discriminatedUnion("kind", [
  /** The peer is ready to begin; the coordinator's answers repeat the nonce, so that old ones are of no use. */
  z.object({ kind: z.literal("ready"), nonce }),
  reportSchema,
  z.object({ kind: z.literal("failed"), message: z.string().max(10_000) }),
  /** The peer acknowledges that the training is over. */
  z.object({ kind: z.literal("bye"), nonce }),
]);

/** From the coordinator to a peer. */
const downward = z.discriminatedUnion("kind", [
  /** Asks peers to report again whether they are ready and what they have finished. */
  z.object({ kind: z.literal("who") }),
  z.object({ kind: z.literal("go"), nonce }),
  z.object({ kind: z.literal("stop"), nonce }),
]);

export type Upward = z.infer<typeof upward>;
export type Downward = z.infer<typeof downward>;

const MOST_BYTES = 65_536;

export function encode(message: Upward | Downward): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(message));
}

function decode<T>(schema: z.ZodType<T>, bytes: Uint8Array): T | undefined {
  if (bytes.length > MOST_BYTES) return undefined;
  try {
    return schema.safeParse(JSON.parse(new TextDecoder().decode(bytes))).data;
  } catch {
    return undefined;
  }
}

/** Receives messages of peers; malformed ones are ignored. */
export function hearPeers(transport: Transport, heard: (from: number, message: Upward) => void): () => void {
  return transport.subscribe(({ from, bytes }) => {
    const message = decode(upward, bytes);
    if (message) heard(from, message);
  });
}

/** Receives messages of the coordinator, a node like the others. */
export function hearCoordinator(
  transport: Transport,
  coordinator: number,
  heard: (message: Downward) => void,
): () => void {
  return transport.subscribe(({ from, bytes }) => {
    const message = from === coordinator ? decode(downward, bytes) : undefined;
    if (message) heard(message);
  });
}

/** The transport without what the coordinator tells: what peers tell each other. */
export function amongPeers(transport: Transport, coordinator: number): Transport {
  return {
    ...transport,
    subscribe: (listener) =>
      transport.subscribe((envelope) => {
        if (envelope.from !== coordinator) listener(envelope);
      }),
  };
}
