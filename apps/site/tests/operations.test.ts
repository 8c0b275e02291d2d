import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { Agent, get } from "node:http";
import { connect as connectSocket, createServer, type Socket } from "node:net";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newPerson } from "./plain-reader.ts";
import { startServer, type TestServer } from "./server.ts";
import { startSeeded } from "./shared.ts";

const CLOCK = { GRADUS_NOW: "2025-12-25T12:00:00Z", GRADUS_ALLOW_CLOCK: "1" };
const PAPER = "/papers/2412.08424";

describe("a server on its own", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startSeeded({ environment: { ...CLOCK, GRADUS_METRICS: "1" } });
  });
  afterAll(async () => {
    await server?.stop();
    server?.remove();
  });
  const visit = (path: string, init?: RequestInit) =>
    fetch(`${server.origin}${path}`, { redirect: "manual", ...init });
  /** The lines of the log that are requests; each is written when its connection has seen the whole answer. */
  const requests = () =>
    server
      .log()
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line): Record<string, unknown> => JSON.parse(line))
      // Jobs, which run when they are due, have lines too.
      .filter((line) => "route" in line);

  test("says that it lives, that it is ready, and to its own machine what it counts", async () => {
    expect(await (await visit("/healthz")).text()).toBe("ok\n");
    // A job may be due just now.
    const ready: unknown = await (await visit("/readyz")).json();
    expect(ready).toEqual({
      ready: true,
      database: true,
      migrations: true,
      queue: true,
      queue_age_seconds: expect.any(Number),
    });
    await visit("/papers");
    const metrics = await (await visit("/metrics")).text();
    expect(metrics).toMatch(/^gradus_requests_total\{route="\/papers",status="200"\} \d+$/m);
    expect(metrics).toMatch(/^gradus_database_up 1$/m);
    expect(metrics).toMatch(/^gradus_database_statements_total [1-9]\d*$/m);
    expect(metrics).toMatch(/^gradus_database_seconds_total [\d.]+$/m);
    expect(metrics).toMatch(/^gradus_queue_age_seconds \d+$/m);
    expect((await visit("/metrics", { headers: { "x-forwarded-for": "198.51.100.7" } })).status).toBe(404);
  });

  test("refuses what another site may have sent in a reader's name", async () => {
    const post = (headers: Record<string, string>) => visit("/papers", { method: "POST", headers });
    expect((await post({ cookie: "s=1", origin: "https://evil.example" })).status).toBe(403);
    expect((await post({ cookie: "s=1" })).status).toBe(403);
    // Ours reach the route, which takes no such thing.
    expect((await post({ cookie: "s=1", origin: server.origin })).status).toBe(405);
    expect((await post({ "content-type": "application/x-www-form-urlencoded" })).status).toBe(405);
  });

  test("answers 414 to a request line above 8 kB, and none of it is an error of the server", async () => {
    const line = (length: number) => `/papers?q=${"a".repeat(length)}`;
    expect((await visit(line(7000))).status).toBe(200);
    const long = await visit(line(8200));
    expect(long.status).toBe(414);
    expect(long.headers.get("content-security-policy")).toContain("default-src 'none'");
  });

  test("a page from memory equals the first but for its nonce, also compressed", async () => {
    const plain = async () => {
      const response = await visit(PAPER, { headers: { "accept-encoding": "identity" } });
      const html = await response.text();
      const nonce = /'nonce-([^']+)'/.exec(response.headers.get("content-security-policy") ?? "")?.[1] ?? "";
      expect(nonce).not.toBe("");
      expect(html).toContain(nonce);
      return html.replaceAll(nonce, "");
    };
    const first = await plain();
    expect(await plain()).toBe(first);
    const packed = await visit(PAPER, { headers: { "accept-encoding": "gzip" } });
    expect(packed.headers.get("content-encoding")).toBe("gzip");
    const nonce = /'nonce-([^']+)'/.exec(packed.headers.get("content-security-policy") ?? "")?.[1] ?? "";
    expect((await packed.text()).replaceAll(nonce, "")).toBe(first);
  });

  test("its log names routes and figures, and nothing that a reader sent", async () => {
    const secrets = ["reader@example.org", "c00kieV4lue", "t0kenV4lueOfTheReader", "qu3ryWord", "b0dyText"];
    const [address, cookie, token, word, body] = secrets;
    const headers = { cookie: `session=${cookie}`, authorization: `Bearer ${token}`, from: address };
    const paths = [
      `/papers?q=${word}+${address}`,
      `/papers/${token}`,
      `/u/${token}`,
      `/papers/date/${word}`,
      `/api/v1/papers?q=${word}&email=${address}`,
      `/nowhere/${address}?token=${token}`,
    ];
    for (const path of paths) await (await visit(path, { headers })).text();
    await visit("/papers", { method: "POST", headers, body });
    await visit(`/papers?q=${word}&pad=${"x".repeat(9000)}`, { headers });
    await (await visit("/healthz")).text();
    await expect.poll(() => requests().some(({ status }) => status === 414)).toBe(true);
    for (const secret of secrets) expect(server.log()).not.toContain(secret);
    expect(server.log()).not.toContain("127.0.0.1");
    const lines = requests();
    expect(lines.length).toBeGreaterThan(paths.length);
    const usual = ["bytes", "id", "method", "ms", "route", "status", "time"];
    const ofSearches = [...usual, "query_length", "results"].sort();
    for (const line of lines)
      expect(Object.keys(line).sort()).toEqual("query_length" in line ? ofSearches : usual);
    // "qu3ryWord reader@example.org" finds nothing.
    expect(lines.find((line) => "query_length" in line && line.query_length === 28)).toMatchObject({
      ...{ route: "/papers", results: expect.any(Number) },
    });
    expect(lines.map(({ route }) => route)).toContain("/papers/[...id]");
  });
});

test("with GRADUS_LOG_QUERIES a search is logged with its words, made anew or from memory, and the about page says so", async () => {
  const own = await startSeeded({ environment: { ...CLOCK, GRADUS_LOG_QUERIES: "1" } });
  try {
    const visit = async (path: string) => {
      const response = await fetch(`${own.origin}${path}`);
      expect(response.headers.get("x-gradus-found")).toBeNull();
      return response.text();
    };
    const found: number = JSON.parse(await visit("/api/v1/search?q=hessian")).total;
    expect(found).toBeGreaterThan(0);
    for (const path of ["/papers", "/papers", "/feed.atom", "/papers/__data.json"])
      await visit(`${path}?q=hessian`);
    await visit("/papers?q=newton+me@example.org");
    await visit("/papers?q=");
    expect(await visit("/about")).toContain("how many papers it found, and the query itself.");
    const logged = () =>
      own
        .log()
        .split("\n")
        .filter((line) => line.includes('"query_length"'))
        .map((line) => JSON.parse(line))
        .map(({ route, query_length, results, query }) => [route, query_length, results, query]);
    await expect.poll(() => logged().length).toBe(6);
    expect(logged().filter(([, length]) => length === 7)).toEqual(
      ["/api/v1/search", "/papers", "/papers", "/feed.atom", "/papers"].map((route) => [
        ...[route, 7, found, "hessian"],
      ]),
    );
    expect(logged().at(-1)).toEqual(["/papers", 21, expect.any(Number), "newton (address)"]);
  } finally {
    await own.stop();
    own.remove();
  }
});

describe("a server without settings", () => {
  let own: TestServer;
  beforeAll(async () => {
    own = await startSeeded({ environment: CLOCK });
  });
  afterAll(async () => {
    await own?.stop("SIGKILL");
    own?.remove();
  });

  test("keeps its figures to itself", async () => {
    expect((await fetch(`${own.origin}/metrics`)).status).toBe(404);
  });

  test("ends well though a reader's connection stays open", async () => {
    const agent = new Agent({ keepAlive: true });
    const held = new Promise<number | undefined>((resolve, reject) => {
      get(`${own.origin}/healthz`, { agent }, (response) => {
        response.resume();
        response.once("end", () => resolve(response.statusCode));
      }).once("error", reject);
    });
    expect(await held).toBe(200);
    expect(await own.stop()).toBe(0);
    agent.destroy();
  });
});

test("a form that is on its way when the server is told to stop is answered, and its connection ends", async () => {
  const own = await startSeeded({ environment: CLOCK });
  const { port, host } = new URL(own.origin);
  const body = "email=nobody";
  const client = connectSocket(Number(port), "127.0.0.1");
  try {
    await once(client, "connect");
    const fields = [
      ...["POST /sign-in HTTP/1.1", `Host: ${host}`, `Origin: ${own.origin}`, "Accept: text/html"],
      ...["Content-Type: application/x-www-form-urlencoded", `Content-Length: ${body.length}`],
    ];
    client.write(`${fields.join("\r\n")}\r\n\r\n${body.slice(0, 4)}`);
    // Another request, sent later, is answered after the form's head has come.
    expect((await fetch(`${own.origin}/healthz`)).status).toBe(200);
    const stopped = own.stop();
    await expect.poll(() => fetch(`${own.origin}/healthz`).catch(() => "refused")).toBe("refused");
    let answer = "";
    client.on("data", (piece) => {
      answer += piece;
    });
    client.write(body.slice(4));
    await once(client, "close");
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toMatch(/\r\nConnection: close\r\n/);
    expect(await stopped).toBe(0);
  } finally {
    client.destroy();
    await own.stop("SIGKILL");
    own.remove();
  }
});

/** A way to a server that can be cut and mended. */
async function cuttableWay(target: { readonly host: string; readonly port: number }) {
  const sockets = new Set<Socket>();
  let open = true;
  const server = createServer((client) => {
    if (!open) return client.destroy();
    const upstream = connectSocket(target.port, target.host);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.once("close", () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    cut() {
      open = false;
      for (const socket of sockets) socket.destroy();
    },
    mend() {
      open = true;
    },
    close() {
      this.cut();
      server.close();
    },
  };
}

test("without its database the site shows what it has, refuses the rest, and goes on when it is back", async ({
  skip,
}) => {
  const url = process.env.GRADUS_TEST_DATABASE_URL;
  if (!url) return skip("GRADUS_TEST_DATABASE_URL is not set");
  const admin = postgres(url, { max: 1, onnotice: () => {} });
  const name = `gradus_${randomBytes(6).toString("hex")}`;
  await admin`create database ${admin(name)}`;
  const { hostname, port } = new URL(url);
  const way = await cuttableWay({ host: hostname, port: Number(port || 5432) });
  const own = new URL(url);
  own.hostname = "127.0.0.1";
  own.port = String(way.port);
  own.pathname = `/${name}`;
  const server = await startServer({ environment: { ...CLOCK, DATABASE_URL: own.href } });
  const visit = (path: string) => fetch(`${server.origin}${path}`, { redirect: "manual" });
  const voter = await newPerson(server, "voter@example.org");
  const put = () => voter.ask(`/api/v1${PAPER}/vote`, { method: "PUT", headers: { origin: server.origin } });
  try {
    for (const path of ["/papers", "/papers/trending", PAPER]) expect((await visit(path)).status).toBe(200);
    way.cut();
    for (const path of ["/papers", "/papers/trending", PAPER]) {
      const copy = await visit(path);
      const html = await copy.text();
      expect(copy.status).toBe(200);
      expect(html).toContain("The database is temporarily unavailable");
      expect(html).toContain("a copy of the page from 2025-12-25 at 12:00 UTC");
    }
    // Whoever is signed in reads the same, and is told why they look signed out.
    for (const path of ["/papers", PAPER]) {
      const copy = await voter.ask(path);
      expect(copy.status).toBe(200);
      expect(await copy.text()).toContain("You are shown as signed out until the database is back.");
    }
    for (const path of ["/papers/1806.07572", "/status"]) {
      const page = await visit(path);
      expect([path, page.status, page.headers.get("retry-after")]).toEqual([path, 503, "10"]);
      // Beside the one at the foot of all pages: the page of a state that cannot be read does not offer itself.
      expect((await page.text()).match(/>\s*Status\s*<\/a/g)).toHaveLength(path === "/status" ? 1 : 2);
    }
    const unready = await visit("/readyz");
    expect(unready.status).toBe(503);
    expect(await unready.json()).toMatchObject({ ready: false, database: false });
    const unavailable = "The database is temporarily unavailable.";
    for (const [path, error] of [
      ["/api/v1/papers", { code: "unavailable", message: unavailable }],
      ["/feed.atom", { code: "unavailable", message: unavailable }],
      ["/api/daily_papers", unavailable],
    ] as const) {
      const refused = await visit(path);
      expect(refused.status).toBe(503);
      expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(await refused.json()).toEqual({ error });
    }
    expect((await visit("/healthz")).status).toBe(200);
    expect((await visit("/docs")).status).toBe(200);
    // Whoever is signed in is not told that they are not; what they entered is there to be sent again.
    const refused = await put();
    expect([refused.status, await refused.json()]).toEqual([
      503,
      { error: { code: "unavailable", message: expect.stringContaining(unavailable) } },
    ]);
    for (const [path, fields] of [
      [`${PAPER}?/vote`, { vote: "cast", to: "/papers" }],
      ["/submit?/check", { paper: "2611.00001", note: 'Worth a "look"' }],
      ["/subscribe", { email: "kept@example.org", keywords: "hessian" }],
    ] as const) {
      const page = await voter.post(path, fields);
      const html = await page.text();
      expect([path, page.status]).toEqual([path, 503]);
      expect(Number(page.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
      expect(html).toContain(`action="${path}"`);
      for (const [name, value] of Object.entries(fields))
        expect(html).toContain(`name="${name}" value="${value.replaceAll('"', "&quot;")}"`);
    }
    expect((await voter.ask("/account")).status).toBe(503);
    way.mend();
    await expect.poll(async () => (await visit("/readyz")).status).toBe(200);
    expect(await (await visit("/papers")).text()).not.toContain("temporarily unavailable");
    expect((await visit("/papers/1806.07572")).status).toBe(200);
    for (const path of ["/api/v1/papers", "/feed.atom", "/api/daily_papers"])
      expect((await visit(path)).status).toBe(200);
    const cast = await put();
    expect([cast.status, await cast.json()]).toEqual([200, { votes: 1, voted: true }]);
    // Each line is written when its answer was read.
    const users = () =>
      [...server.log().matchAll(/"route":"\/api\/v1\/papers.*"user":"([^"]*)"/g)].map(([, user]) => user);
    await expect.poll(users).toEqual([expect.stringMatching(/^[0-9a-f]{12}$/)]);
  } finally {
    expect(await server.stop()).toBe(0);
    server.remove();
    way.close();
    await admin`drop database ${admin(name)} with (force)`;
    await admin.end();
  }
});
