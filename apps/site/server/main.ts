// The production server: SvelteKit's handler behind the headers that every response carries.
import { createServer, type RequestListener, type Server, type ServerResponse } from "node:http";
import { fileURLToPath, pathToFileURL } from "node:url";
import { LARGEST_FILE } from "../src/lib/server/http/body-limit.ts";
import { filePolicy, securityHeaders } from "../src/lib/server/http/headers.ts";
import { failureMessage } from "../src/lib/server/log.ts";
import { useCurrentBuild } from "./builds.mjs";
import { completeAddress, proxyAddress } from "./proxy-address.ts";
import { followRequest, refused } from "./requests.ts";
import { answerUnreadRequests } from "./unread-requests.ts";

const DEFAULT_PORT = 3000;
const PORTS_TRIED = 20;
/** Milliseconds that requests under way have to finish when the server is told to stop. */
const STOP_PATIENCE = 10_000;
/**
 * Milliseconds in which a client that keeps its connection busy is told that it ends, before connections without a request
 * are closed: one that is closed while a request is on its way to it is an error to its client.
 */
const STOP_NOTICE = 200;
/** Milliseconds between two looks for connections without a request while stopping. */
const STOP_SWEEP = 50;
/** Bytes of all header fields and the request line. Between this and 8 kB an address gets an answer, not a reset. */
const MAX_HEADER_BYTES = 32_768;
/** Milliseconds in which a client must have sent its header, and its whole request. */
const HEADER_PATIENCE = 10_000;
const REQUEST_PATIENCE = 30_000;
/** Milliseconds between two looks for those who have not. */
const PATIENCE_SWEEP = 2_000;

type Handler = (...parameters: [...Parameters<RequestListener>, next: () => void]) => void;

/** Listens on a port; resolves to false when it is taken. */
function listen(server: Server, host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? resolve(false) : reject(error);
    server.once("error", failed);
    server.listen(port, host, () => {
      server.off("error", failed);
      resolve(true);
    });
  });
}

/** Listens where the environment says, or on the first free port from 3000 on; resolves to the port. */
async function open(server: Server, host: string, wanted: string | undefined): Promise<number> {
  if (wanted) {
    const port = Number(wanted);
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      throw new Error(`PORT must be a port number, got "${wanted}"`);
    if (!(await listen(server, host, port))) throw new Error(`port ${port} on ${host} is already in use`);
    const address = server.address();
    return typeof address === "object" && address ? address.port : port;
  }
  for (let port = DEFAULT_PORT; port < DEFAULT_PORT + PORTS_TRIED; port++)
    if (await listen(server, host, port)) return port;
  throw new Error(
    `ports ${DEFAULT_PORT} to ${DEFAULT_PORT + PORTS_TRIED - 1} are in use; set PORT to a free port`,
  );
}

/** Rejects as `open` would: before the database is opened, which a process that ends so would leave unclosed. */
async function assertPort(host: string, wanted: string | undefined): Promise<void> {
  const probe = createServer();
  await open(probe, host, wanted);
  await new Promise((resolve) => probe.close(resolve));
}

let stopping = false;
/** Answers that are not whole yet. */
const unfinished = new Set<ServerResponse>();

function stopGracefully(server: Server): void {
  // Ctrl-C in a terminal comes twice: from the terminal, and passed on by the script that started us.
  if (stopping) return;
  stopping = true;
  for (const response of unfinished) response.shouldKeepAlive = false;
  setTimeout(() => {
    // Connections that become idle once their request is answered.
    const sweep = setInterval(() => server.closeIdleConnections(), STOP_SWEEP);
    server.close(() => {
      clearInterval(sweep);
      process.emit("sveltekit:shutdown" as "beforeExit", 0);
    });
  }, STOP_NOTICE);
  setTimeout(() => server.closeAllConnections(), STOP_PATIENCE).unref();
}

async function main(): Promise<void> {
  const { HOST: host = "127.0.0.1", PORT: wanted } = process.env;
  const { ORIGIN: origin } = process.env;
  if (origin && (!URL.canParse(origin) || new URL(origin).origin !== origin))
    throw new Error(
      `ORIGIN must be the public URL of the site, such as https://papers.example.org, got "${origin}"`,
    );
  const place = origin ? new URL(origin) : undefined;
  // Where the site has an address, it has no other, whatever a request says. Else, behind a proxy, an operator names its
  // header; without one the connection is what it looks like.
  const direct = place !== undefined || process.env.PROTOCOL_HEADER === undefined;
  if (direct) process.env.PROTOCOL_HEADER = "x-gradus-protocol";
  if (place) process.env.HOST_HEADER = "x-gradus-host";
  const proxies = proxyAddress(process.env);
  await assertPort(host, wanted);
  // Smaller bodies have a limit of their own, before the handler sees them.
  process.env.BODY_SIZE_LIMIT = String(LARGEST_FILE);
  const handler = useCurrentBuild(fileURLToPath(new URL("../build/", import.meta.url)));
  const build: { handler: Handler } = await import(pathToFileURL(handler).href);

  const headers = [...Object.entries(securityHeaders), ["Content-Security-Policy", filePolicy]];
  // On a terminal a person watches; a line for every file would push the address out of sight.
  const keepsLog = !process.stdout.isTTY;
  const limits = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: HEADER_PATIENCE,
    requestTimeout: REQUEST_PATIENCE,
    connectionsCheckingInterval: PATIENCE_SWEEP,
  };
  const server = createServer(limits, (request, response) => {
    if (keepsLog) followRequest(request, response);
    if (stopping) response.shouldKeepAlive = false;
    unfinished.add(response);
    response.once("close", () => unfinished.delete(response));
    if (direct) request.headers["x-gradus-protocol"] = place?.protocol.slice(0, -1) ?? "http";
    if (place) request.headers["x-gradus-host"] = place.host;
    if (proxies) completeAddress(request.headers, request.socket.remoteAddress, proxies);
    for (const [name, value] of headers) response.setHeader(name, value);
    if (refused(request, response)) return;
    build.handler(request, response, () => {
      response.statusCode = 404;
      response.end();
    });
  });
  answerUnreadRequests(server);
  const port = await open(server, host, wanted);
  const shown = ["127.0.0.1", "::1", "0.0.0.0", "::"].includes(host) ? "localhost" : host;
  console.log(`gradus: http://${shown}:${port}`);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stopGracefully(server));
}

main().catch((error: unknown) => {
  console.error(`gradus: ${failureMessage(error)}`);
  process.exit(1);
});
