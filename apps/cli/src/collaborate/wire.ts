import type { Transport } from "gradus";

/** A way to reach the other nodes that vouches for nothing. */
export interface Wire {
  readonly transport: Transport;
  /** Bytes of the longest message. */
  readonly limit: number;
  close(): Promise<void>;
}

/** Where the way itself sets no limit. */
export const MOST_BYTES = 1 << 20;
