import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { answerUnreadRequests } from "./unread-requests.ts";

let server: Server;

beforeAll(async () => {
  const limits = {
    headersTimeout: 1000,
    requestTimeout: 1500,
    connectionsCheckingInterval: 20,
    maxHeaderSize: 1024,
  };
  server = createServer(limits, (request, response) => {
    // The body is waited for; what has none is answered at once.
    request.resume().once("end", () => response.end("read"));
    if (request.url === "/begun") response.write("begun");
  });
  answerUnreadRequests(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(() => server?.close());

/** All that comes back for what is sent, until the connection ends. */
async function exchange(sent: string): Promise<string> {
  const { port } = server.address() as AddressInfo;
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  socket.write(sent);
  const received = await text(socket);
  socket.destroy();
  return received;
}

const form = (path: string, accept: string) =>
  `POST ${path} HTTP/1.1\r\nHost: a.example\r\nAccept: ${accept}\r\nContent-Length: 9\r\n\r\nemail`;

test("a browser whose form does not arrive in time gets a page", async () => {
  const received = await exchange(form("/sign-in", "text/html"));
  expect(received).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
  expect(received).toMatch(/\r\nContent-Security-Policy: default-src 'none';/);
  expect(received).toContain("<h1>Request timed out</h1>");
  const [head, body] = received.split("\r\n\r\n", 2);
  expect(head).toContain(`\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`);
});

test("a program, and whoever sends no whole header, gets a sentence", async () => {
  for (const sent of [form("/api/v1/reports", "*/*"), "GET / HTTP/1.1\r\nHost: a.example\r\n"])
    expect(await exchange(sent)).toMatch(
      /^HTTP\/1\.1 408 [\s\S]*\r\n\r\nThe request did not arrive in time\./,
    );
});

test("too large a header, and what is not HTTP, are told apart", async () => {
  const large = `GET / HTTP/1.1\r\nHost: a.example\r\nCookie: ${"x".repeat(2000)}\r\n\r\n`;
  expect(await exchange(large)).toMatch(/^HTTP\/1\.1 431 Request Header Fields Too Large\r\n/);
  expect(await exchange("no request\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
});

test("nothing is written into an answer that has begun", async () => {
  const received = await exchange(form("/begun", "text/html"));
  expect(received).toContain("begun");
  expect(received).not.toContain("408");
});

test("the second request of a connection is answered for itself", async () => {
  const received = await exchange("GET / HTTP/1.1\r\nHost: a.example\r\nAccept: text/html\r\n\r\nGET / HT");
  expect(received).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*read[\s\S]*HTTP\/1\.1 408 Request Timeout\r\n/);
  expect(received).not.toContain("<h1>");
});
