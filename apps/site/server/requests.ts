// What happens to every request before it reaches a file or a route, and after it was answered.
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { exchangeOf, follow } from "../src/lib/server/exchange.ts";
import { log } from "../src/lib/server/log.ts";

/** Bytes that a request line may have. */
const LONGEST_REQUEST_LINE = 8192;

/** Answers a request whose line is longer than 8 kB with 414; true when it did. */
export function refusedForLength(request: IncomingMessage, response: ServerResponse): boolean {
  const { method = "", url = "" } = request;
  if (Buffer.byteLength(`${method} ${url} HTTP/1.1`) <= LONGEST_REQUEST_LINE) return false;
  response.writeHead(414, { "content-type": "text/plain; charset=utf-8", connection: "close" });
  response.end("The address is too long.\n");
  return true;
}

/** Gives a request its name and writes its line of the log when it is over. */
export function followRequest(request: IncomingMessage, response: ServerResponse): void {
  follow(request, { id: randomUUID() });
  const begun = performance.now();
  const { socket, method } = request;
  const written = socket.bytesWritten;
  response.once("close", () => {
    const exchange = exchangeOf(request);
    log({
      id: exchange?.id,
      method,
      // What no route answered is a file, or refused.
      route: exchange?.route ?? "(file)",
      // A reader who left has no status.
      status: response.headersSent ? response.statusCode : 0,
      ms: Math.round((performance.now() - begun) * 10) / 10,
      bytes: socket.bytesWritten - written,
    });
  });
}
