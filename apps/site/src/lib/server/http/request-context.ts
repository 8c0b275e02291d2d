import type { IncomingMessage } from "node:http";
import type { LogFields } from "../log.ts";

/** What is logged of a request. */
export interface RequestContext {
  readonly id: string;
  /** The pattern of the route, never the path itself, which may contain tokens. */
  route?: string;
  /** A keyed hash of the account in whose name it was made. */
  user?: string;
  /** What it searched for, in figures. */
  search?: LogFields;
}

// The server's own files and its bundle are two copies of this module; the registry of symbols is one.
const REQUEST_CONTEXT: unique symbol = Symbol.for("gradus.request-context");

interface RequestWithContext extends IncomingMessage {
  [REQUEST_CONTEXT]?: RequestContext;
}

/** Lets the pages that answer `request` add fields to its log line. */
export function attachRequestContext(request: RequestWithContext, context: RequestContext): void {
  request[REQUEST_CONTEXT] = context;
}

/** The log fields of a request so far; undefined in development, where nothing is logged. */
export function requestContext(request: RequestWithContext | undefined): RequestContext | undefined {
  return request?.[REQUEST_CONTEXT];
}
