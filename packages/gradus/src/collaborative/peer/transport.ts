/** Bytes from another node. The transport vouches for the sender: a message cannot be sent in another's name. */
export interface Envelope {
  readonly from: number;
  readonly bytes: Uint8Array;
}

/**
 * How a node reaches the others. Messages may be late, lost, repeated, out of order or garbage; the peer bears it.
 * What a transport must do: deliver bytes as they were sent or not at all where the network allows, and name the true
 * sender. `inProcessNetwork` connects nodes of one process; anything with the first four members connects processes.
 */
export interface Transport {
  /** The node's own number, 0 .. nodes - 1. */
  readonly node: number;
  /** Sends to one other node. A receiver that is not there is no error. */
  send(to: number, bytes: Uint8Array): void | Promise<void>;
  /** Sends the same bytes to all other nodes. */
  broadcast(bytes: Uint8Array): void | Promise<void>;
  /** Hands every arriving message to the listener, from now on until the returned function is called. */
  subscribe(listener: (envelope: Envelope) => void): () => void;
  /** Asks all other nodes to say again what they have said last; left out where a transport cannot. */
  askAgain?(): void | Promise<void>;
}
