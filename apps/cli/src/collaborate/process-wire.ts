import type { ChildProcess } from "node:child_process";
import process from "node:process";
import type { Envelope, Transport } from "gradus/collaborative";
import { MOST_BYTES, type Wire } from "./wire.ts";

/** What goes between a peer's process and the coordinator's. */
interface RoutedMessage {
  readonly to: number | "all";
  readonly bytes: Uint8Array;
}

function routedMessageOf(message: unknown): RoutedMessage | undefined {
  if (typeof message !== "object" || message === null || !("to" in message) || !("bytes" in message))
    return undefined;
  const { to, bytes } = message;
  return (to === "all" || typeof to === "number") && bytes instanceof Uint8Array ? { to, bytes } : undefined;
}

function envelopeOf(message: unknown): Envelope | undefined {
  if (typeof message !== "object" || message === null || !("from" in message) || !("bytes" in message))
    return undefined;
  const { from, bytes } = message;
  return typeof from === "number" && bytes instanceof Uint8Array ? { from, bytes } : undefined;
}

/** A peer's connection through the channel to its parent process. */
export function childWire(node: number): Wire {
  const post = (parcel: RoutedMessage) => void process.send?.(parcel, undefined, undefined, () => undefined);
  return {
    limit: MOST_BYTES,
    transport: {
      node,
      send: (to, bytes) => post({ to, bytes }),
      broadcast: (bytes) => post({ to: "all", bytes }),
      subscribe(listener) {
        const receive = (message: unknown) => {
          const envelope = envelopeOf(message);
          if (envelope) listener(envelope);
        };
        process.on("message", receive);
        return () => process.off("message", receive);
      },
    },
    close: async () => undefined,
  };
}

/** The coordinator's side: hands messages from process to process, and takes part as the node after the last peer. */
export class ProcessHub implements Wire {
  readonly limit = MOST_BYTES;
  readonly #children = new Map<number, ChildProcess>();
  readonly #listeners = new Set<(envelope: Envelope) => void>();
  readonly transport: Transport;

  constructor(peers: number) {
    this.transport = {
      node: peers,
      send: (to, bytes) => this.#hand(peers, { to, bytes }),
      broadcast: (bytes) => this.#hand(peers, { to: "all", bytes }),
      subscribe: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
    };
  }

  /** Joins a process that was started as a node. */
  join(node: number, child: ChildProcess): void {
    this.#children.set(node, child);
    child.on("message", (message) => {
      const parcel = routedMessageOf(message);
      if (parcel) this.#hand(node, parcel);
    });
    child.on("exit", () => {
      if (this.#children.get(node) === child) this.#children.delete(node);
    });
  }

  #hand(from: number, { to, bytes }: RoutedMessage): void {
    const envelope = { from, bytes };
    if (to === this.transport.node) for (const listener of this.#listeners) listener(envelope);
    // A process that ends at this moment is no error.
    for (const [node, child] of this.#children)
      if (node !== from && (to === "all" || to === node) && child.connected)
        child.send(envelope, undefined, undefined, () => undefined);
  }

  async close(): Promise<void> {
    this.#listeners.clear();
  }
}
