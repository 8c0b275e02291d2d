import type { Transport } from "gradus/collaborative";

/** An unauthenticated channel to the other nodes. */
export interface Wire {
  readonly transport: Transport;
  /** Bytes of the longest message. */
  readonly limit: number;
  close(): Promise<void>;
}

/** The URL of a server without credentials, for display. */
export function serverWithoutCredentials(server: string): string {
  const { protocol, host } = new URL(server);
  return `${protocol}//${host}`;
}

/** Where the way itself sets no limit. */
export const MOST_BYTES = 1 << 20;
