import type { Transport } from "gradus/collaborative";

/** A way to reach the other nodes that vouches for nothing. */
export interface Wire {
  readonly transport: Transport;
  /** Bytes of the longest message. */
  readonly limit: number;
  close(): Promise<void>;
}

/** The URL of a server without what opens it, to be shown. */
export function serverWithoutCredentials(server: string): string {
  const { protocol, host } = new URL(server);
  return `${protocol}//${host}`;
}

/** Where the way itself sets no limit. */
export const MOST_BYTES = 1 << 20;
