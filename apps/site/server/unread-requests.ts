// What a client is told whose request could not be read to its end.
import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { filePolicy, securityHeaders } from "../src/lib/server/http/headers.ts";
import { errorPage, wantsPage } from "../src/lib/server/pages/error-page.ts";

interface Refusal {
  readonly status: number;
  readonly message: string;
}

/** By Node's code of what is wrong. */
const REFUSALS: Readonly<Record<string, Refusal>> = {
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, message: "The request did not arrive in time. Please try again." },
  HPE_HEADER_OVERFLOW: { status: 431, message: "The header of the request is larger than 32 kB." },
};
const MALFORMED: Refusal = { status: 400, message: "The request is not valid HTTP." };

/** A response as it goes over the line: there is none of Node's for a request that was not read. */
function written({ status, message }: Refusal, page: boolean): string {
  const body = page ? errorPage({ status, message }) : `${message}\n`;
  const fields = {
    ...securityHeaders,
    "Content-Security-Policy": filePolicy,
    "Content-Type": `text/${page ? "html" : "plain"}; charset=utf-8`,
    "Content-Length": Buffer.byteLength(body),
    "Cache-Control": "no-store",
    Connection: "close",
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, "", body].join("\r\n");
}

/**
 * Answers requests that do not arrive in time with 408, those with too large a header with 431 and those that are not
 * HTTP with 400: to browsers, where their header was read, by a page. Node's own answers have no body, and browsers show
 * an error of theirs.
 */
export function answerUnreadRequests(server: Server): void {
  const latest = new WeakMap<Duplex, { request: IncomingMessage; response: ServerResponse }>();
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    latest.set(request.socket, { request, response });
  });
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Duplex) => {
    const { request, response } = latest.get(socket) ?? {};
    // An answer that was sent belongs to an earlier request on the same connection.
    const isUnderWay = response !== undefined && !response.writableFinished;
    if (error.code === "ECONNRESET" || !socket.writable || (isUnderWay && response.headersSent)) {
      socket.destroy();
      return;
    }
    const page = isUnderWay && wantsPage(request?.headers.accept);
    socket.end(written(REFUSALS[error.code ?? ""] ?? MALFORMED, page));
  });
}
