// What happens to every request before it reaches a file or a route, and after it was answered.
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { errorSentence } from "../src/lib/error-words.ts";
import { hasUsualLimit, LARGEST_BODY } from "../src/lib/server/http/body-limit.ts";
import { corsHeaders } from "../src/lib/server/http/cors.ts";
import { Problem } from "../src/lib/server/http/problem.ts";
import { isApiPath, problemFormat } from "../src/lib/server/http/problem-format.ts";
import { attachRequestContext, requestContext } from "../src/lib/server/http/request-context.ts";
import { log } from "../src/lib/server/log.ts";
import { errorPage, wantsPage } from "../src/lib/server/pages/error-page.ts";

/** Bytes that a request line may have. */
const LONGEST_REQUEST_LINE = 8192;
/** Methods that the routes never see: the platform's own requests cannot have them. */
const UNKNOWN_METHODS = new Set(["CONNECT", "TRACE", "TRACK"]);

/** Whether a path is text in UTF-8, with two hexadecimal digits after each percent sign. */
function isText(path: string): boolean {
  try {
    // A bundler drops a call whose value is not used.
    return decodeURIComponent(path) !== "";
  } catch {
    return false;
  }
}

/** Who is refused what. */
interface Refusal {
  readonly path: string;
  /** Whether a browser wants a page. */
  readonly page: boolean;
  readonly problem: Problem;
  readonly fields?: Readonly<Record<string, string>>;
}

function refuse(response: ServerResponse, { path, page, problem, fields }: Refusal): void {
  const { status, message } = problem;
  if (!isApiPath(path)) {
    const type = `text/${page ? "html" : "plain"}; charset=utf-8`;
    response.writeHead(status, { "content-type": type, ...fields });
    response.end(page ? errorPage({ status, message }) : `${message}\n`);
    return;
  }
  const { body, headers } = problemFormat(path)(problem);
  const usual = { "content-type": "application/json", "cache-control": "no-store" };
  response.writeHead(problem.status, { ...usual, ...headers, ...fields });
  response.end(JSON.stringify(body));
}

/**
 * Answers a request that no route can answer: one whose line is longer than 8 kB with 414; one that announces a body
 * of more than 512 kB with 413, unless its path has a limit of its own; and of the paths for programs those that are no
 * text with 400, and methods that routes never see with 405. True when it did.
 */
export function refused(request: IncomingMessage, response: ServerResponse): boolean {
  const { method = "", url = "", headers } = request;
  const [path] = url.split("?", 1);
  const page = wantsPage(headers.accept);
  const forPrograms = isApiPath(path);
  if (forPrograms)
    // Redirects and refusals, too, may be read by pages of other sites.
    for (const [name, value] of Object.entries(corsHeaders)) response.setHeader(name, value);
  if (Buffer.byteLength(`${method} ${url} HTTP/1.1`) > LONGEST_REQUEST_LINE) {
    const problem = new Problem("address_too_long", "The URL is longer than 8 kB.");
    refuse(response, { path, page, problem, fields: { connection: "close" } });
  } else if (Number(headers["content-length"]) > LARGEST_BODY && hasUsualLimit(url)) {
    const message = forPrograms ? "A body must have at most 512 KiB." : errorSentence("Payload Too Large");
    refuse(response, { path, page, problem: new Problem("too_large", message) });
  } else if (!forPrograms) return false;
  else if (!isText(path)) {
    const problem = new Problem(
      "invalid_address",
      "The path has a “%” not followed by two hexadecimal digits, or is not valid UTF-8.",
    );
    refuse(response, { path, page, problem });
  } else if (UNKNOWN_METHODS.has(method)) {
    const problem = new Problem("method_not_allowed", `${method} is not allowed; use GET.`);
    refuse(response, { path, page, problem, fields: { allow: "GET, HEAD, OPTIONS" } });
  } else return false;
  return true;
}

/** Gives a request its name and writes its line of the log when it is over. */
export function followRequest(request: IncomingMessage, response: ServerResponse): void {
  attachRequestContext(request, { id: randomUUID() });
  const begun = performance.now();
  const { socket, method } = request;
  const written = socket.bytesWritten;
  response.once("close", () => {
    const context = requestContext(request);
    log({
      id: context?.id,
      method,
      // What no route answered is a file, or refused.
      route: context?.route ?? "(file)",
      // A reader who left has no status.
      status: response.headersSent ? response.statusCode : 0,
      ms: Math.round((performance.now() - begun) * 10) / 10,
      bytes: socket.bytesWritten - written,
      user: context?.user,
      ...context?.search,
    });
  });
}
