import type { IncomingMessage } from "node:http";

/** A request as the log knows it. */
export interface RequestContext {
  readonly id: string;
  /** The pattern of the route that answers, never the address itself: addresses may hold tokens. */
  route?: string;
}

// The server's own files and its bundle are two copies of this module; the registry of symbols is one.
const REQUEST_CONTEXT: unique symbol = Symbol.for("gradus.request-context");

interface RequestWithContext extends IncomingMessage {
  [REQUEST_CONTEXT]?: RequestContext;
}

/** Lets the pages that answer `request` add to what the log will say of it. */
export function attachRequestContext(request: RequestWithContext, context: RequestContext): void {
  request[REQUEST_CONTEXT] = context;
}

/** What the log knows of a request so far; undefined in development, where nothing is logged. */
export function requestContext(request: RequestWithContext | undefined): RequestContext | undefined {
  return request?.[REQUEST_CONTEXT];
}
