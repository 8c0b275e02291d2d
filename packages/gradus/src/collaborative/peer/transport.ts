/** Bytes from another node. The transport guarantees the sender: no node can send in another's name. */
export interface Envelope {
  readonly from: number;
  readonly bytes: Uint8Array;
}

/**
 * How a node reaches the others. Messages may be late, lost, repeated, out of order or invalid; the peer tolerates
 * this. A transport must name the true sender, and should deliver bytes unchanged or not at all. `inProcessNetwork`
 * connects the nodes of one process; any object with the first four members can connect processes.
 */
export interface Transport {
  /** The node's own number, 0 .. nodes - 1. */
  readonly node: number;
  /** Sends to one other node. An absent receiver is not an error. */
  send(to: number, bytes: Uint8Array): void | Promise<void>;
  /** Sends the same bytes to all other nodes. */
  broadcast(bytes: Uint8Array): void | Promise<void>;
  /** Passes every arriving message to the listener until the returned function is called. */
  subscribe(listener: (envelope: Envelope) => void): () => void;
  /** Asks all other nodes to repeat their last broadcast; absent if the transport does not support it. */
  askAgain?(): void | Promise<void>;
}
