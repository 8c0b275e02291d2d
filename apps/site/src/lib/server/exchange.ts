import type { IncomingMessage } from "node:http";

/** A request as the log knows it. */
export interface Exchange {
  readonly id: string;
  /** The pattern of the route that answers, never the address itself: addresses may hold tokens. */
  route?: string;
}

// The server's own files and its bundle are two copies of this module; the registry of symbols is one.
const EXCHANGE: unique symbol = Symbol.for("gradus.exchange");

interface Followed extends IncomingMessage {
  [EXCHANGE]?: Exchange;
}

/** Lets the pages that answer `request` add to what the log will say of it. */
export function follow(request: Followed, exchange: Exchange): void {
  request[EXCHANGE] = exchange;
}

/** What the log knows of a request so far; undefined in development, where nothing is logged. */
export function exchangeOf(request: Followed | undefined): Exchange | undefined {
  return request?.[EXCHANGE];
}
