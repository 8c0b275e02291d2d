import { checkIntegerWithin, checkPositiveInteger } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import type { Envelope, Transport } from "./transport.ts";

export interface InProcessNetworkOptions {
  readonly nodes: number;
  /**
   * Simulates the wire: returns the bytes that arrive, which may be corrupted, or undefined for a lost message. By
   * default every message arrives unchanged.
   */
  readonly wire?: (from: number, to: number, bytes: Uint8Array) => Uint8Array | undefined;
}

/** A network of nodes in one process. */
export interface InProcessNetwork {
  /** The transport of a node. */
  connect(node: number): Transport;
}

/**
 * A network inside one process: messages arrive in the order in which they were sent, each in a microtask of its own.
 * Messages to a node that is not listening yet are queued, so nodes may start one after another.
 *
 * @throws ArgumentError unless nodes is an integer >= 1, or when a node out of range is connected
 */
export function inProcessNetwork(options: InProcessNetworkOptions): InProcessNetwork {
  checkGivenOptions("inProcessNetwork", options, ["nodes", "wire"]);
  const { nodes, wire = (_, __, bytes) => bytes } = options;
  checkPositiveInteger({ nodes });
  const listeners: ((envelope: Envelope) => void)[][] = Array.from({ length: nodes }, () => []);
  const waiting: Envelope[][] = Array.from({ length: nodes }, () => []);
  const everListened = new Array<boolean>(nodes).fill(false);

  function deliver(from: number, to: number, bytes: Uint8Array): void {
    if (to < 0 || to >= nodes || to === from) return;
    const arrived = wire(from, to, bytes);
    if (!arrived) return;
    queueMicrotask(() => {
      const envelope = { from, bytes: arrived };
      if (!everListened[to]) waiting[to].push(envelope);
      for (const listener of listeners[to]) listener(envelope);
    });
  }

  return {
    connect(node) {
      checkIntegerWithin(0, nodes - 1, { node });
      return {
        node,
        send: (to, bytes) => deliver(node, to, bytes),
        broadcast(bytes) {
          for (let to = 0; to < nodes; to++) deliver(node, to, bytes);
        },
        subscribe(listener) {
          listeners[node].push(listener);
          everListened[node] = true;
          for (const envelope of waiting[node].splice(0)) listener(envelope);
          return () => {
            listeners[node].splice(listeners[node].indexOf(listener), 1);
          };
        },
      };
    },
  };
}
