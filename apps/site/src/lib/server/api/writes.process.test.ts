// What changes something through the API: every response that is documented, against the published schemas.
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "../database/connect.ts";
import {
  subscriptionRequests,
  subscriptions,
  type TokenScope,
  tokenScopes,
  users,
} from "../database/schema/index.ts";
import { openMigrated, openSeeded } from "../database/testing.ts";
import { openArxiv } from "../ingestion/arxiv/client.ts";
import { type FakeArxiv, fakeArxiv, type Mood, simulatedTime } from "../ingestion/testing/fake-arxiv.ts";
import { makeAccessToken } from "../people/access-tokens.ts";
import { addressHash } from "../people/address.ts";
import { subscriptionLinks } from "../subscriptions/links.ts";
import { subscriptionJob } from "../subscriptions/subscribe.ts";
import { api } from "./app.ts";
import { contractOf, errorOf as error } from "./testing.ts";

const NOW = new Date("2026-11-20T12:00:00Z");
const DAY = 86_400_000;
const addressKey = Buffer.alloc(32, 1);
const links = subscriptionLinks({ GRADUS_SECRET: Buffer.alloc(32, 2).toString("base64") });
const {
  operations: writes,
  send,
  expectEveryResponse,
} = contractOf((path) => !path.startsWith("/api/v1/reports") && !path.startsWith("/api/v1/operator"));

let database: Database;
let arxiv: FakeArxiv;
let mood: Mood = "well";
const asked: string[] = [];
let working = true;
const time = simulatedTime(NOW);

const down = () => {
  throw Object.assign(new Error("no database"), { code: "ECONNREFUSED" });
};
const paper = (id: string, days: number, category = "cs.LG") => {
  const at = new Date(NOW.getTime() - days * DAY);
  return { id, title: `Paper ${id}`, category, versions: [at], announced: at };
};

beforeAll(async () => {
  database = await openSeeded(openMigrated);
  const papers = [
    ...Array.from({ length: 9 }, (_, i) => paper(`2611.0000${i}`, 2)),
    paper("2611.00020", 1, "hep-th"),
    // The one that arXiv always has.
    paper("1412.6980", 4000),
  ];
  arxiv = await fakeArxiv({ papers: () => papers, now: time.now, mood: () => mood });
  const site = {
    get database() {
      return working ? database : { orm: new Proxy({}, { get: down }) };
    },
    now: () => NOW,
    arxiv: openArxiv(database.orm, { ...arxiv, userAgent: "gradus", timing: time }),
    jobs: { request: async (name: string) => void asked.push(name) },
    addressKey,
    links,
  };
  Object.assign(globalThis, { gradusSite: Promise.resolve(site) });
});
afterAll(async () => {
  await arxiv?.close();
  await database?.close();
});

async function person(name: string, createdAt = new Date(NOW.getTime() - 2 * DAY)) {
  const email = `${name}@readers.example`;
  const values = {
    email,
    emailCanonicalHmac: addressHash(email, addressKey),
    confirmedAt: createdAt,
    createdAt,
  };
  const [{ id }] = await database.orm.insert(users).values(values).returning({ id: users.id });
  const token = async (...scopes: TokenScope[]) => {
    const made = await makeAccessToken(database.orm, { userId: id, name: "test", scopes });
    return typeof made === "string" ? "" : made.token;
  };
  return { id, email, token: await token(...tokenScopes), tokenFor: token };
}

test("a paper is submitted once by whom asks again, and once by all", async () => {
  const ada = await person("ada");
  const submit = (token: string, fields: object) =>
    send("POST", "/api/v1/submissions", { token, body: fields });
  const fields = {
    paper: "https://arxiv.org/abs/2611.00001v1",
    code: "https://github.com/ada/steps",
    note: "Good",
  };
  const first = await submit(ada.token, fields);
  expect(first).toMatchObject({
    status: 201,
    body: {
      paper: "2611.00001",
      state: "accepted",
      lane: "daily",
      url: "http://localhost/papers/2611.00001",
    },
  });
  expect(first.headers.get("location")).toBe("http://localhost/papers/2611.00001");
  expect(asked).toContain("maintenance");
  expect(await submit(ada.token, fields)).toMatchObject({ status: 200, body: first.body });
  const ben = await person("ben");
  const other = await submit(ben.token, { paper: "2611.00001" });
  expect(other).toMatchObject({ status: 409, body: error("duplicate", { field: "paper" }) });
  // By the browser that is signed in, whose origin the site has checked.
  const environment = { address: "198.51.100.1", person: { id: ben.id } };
  expect(
    await send("POST", "/api/v1/submissions", { environment, body: { paper: "2611.00002" } }),
  ).toMatchObject({
    status: 201,
  });
  mood = { status: 503 };
  expect(await submit(ada.token, { paper: "2611.00003" })).toMatchObject({
    status: 201,
    body: { state: "pending", lane: null },
  });
  expect(await submit(ada.token, { paper: "2611.00003" })).toMatchObject({
    status: 200,
    body: { state: "pending" },
  });
  expect((await submit(ben.token, { paper: "2611.00003" })).status).toBe(409);
  mood = "well";
  // By then arXiv may be asked again.
  time.set(new Date(NOW.getTime() + 3_600_000));
});

test("what submissions refuse, and with which words", async () => {
  const carl = await person("carl");
  const young = await person("young", NOW);
  const cases: [object | string, number, string, string | undefined][] = [
    [{ paper: "hessians" }, 422, "invalid_body", "paper"],
    [{ paper: "https://arxiv.org@evil.example/abs/2611.00001" }, 422, "invalid_body", "paper"],
    [{}, 422, "invalid_body", "paper"],
    [{ paper: ["2611.00004"] }, 422, "invalid_body", "paper"],
    [{ paper: "2611.00004", code: "http://github.com/a/b" }, 422, "invalid_body", "code"],
    [{ paper: "2611.00004", note: "x".repeat(281) }, 422, "invalid_body", "note"],
    [{ paper: "2611.00004", lane: "daily" }, 422, "invalid_body", undefined],
    [{ paper: "2611.00004", note: "a\0b" }, 422, "invalid_body", undefined],
    ['{"paper":"2611.00004","note":"\\ud800"}', 422, "invalid_body", undefined],
    ['{"paper":"2611.00004","__proto__":{"lane":"daily"}}', 422, "invalid_body", undefined],
    [`{"paper":${"[".repeat(9000)}`, 422, "invalid_body", undefined],
    ["[]", 422, "invalid_body", undefined],
    ["", 415, "unsupported_media_type", undefined],
    [{ paper: "2611.00020" }, 422, "submission_refused", "paper"],
    [{ paper: "2611.09999" }, 422, "submission_refused", "paper"],
    [{ paper: "2611.00004", note: "x".repeat(33_000) }, 413, "too_large", undefined],
  ];
  for (const [body, status, code, field] of cases) {
    const headers = body === "" ? { "content-type": "text/plain" } : undefined;
    const { status: given, body: said } = await send("POST", "/api/v1/submissions", {
      token: carl.token,
      body,
      headers,
    });
    expect([JSON.stringify(body).slice(0, 60), given, said]).toEqual([
      JSON.stringify(body).slice(0, 60),
      status,
      error(code, field === undefined ? {} : { field }),
    ]);
  }
  expect(
    await send("POST", "/api/v1/submissions", { token: young.token, body: { paper: "2611.00004" } }),
  ).toMatchObject({
    status: 422,
    body: error("submission_refused", { message: expect.stringContaining("24 hours old") }),
  });
  for (const id of ["4", "5", "6", "7", "8"])
    expect(
      (await send("POST", "/api/v1/submissions", { token: carl.token, body: { paper: `2611.0000${id}` } }))
        .status,
    ).toBe(201);
  const sixth = await send("POST", "/api/v1/submissions", {
    token: carl.token,
    body: { paper: "2611.00000" },
  });
  expect([sixth.status, sixth.headers.get("retry-after")]).toEqual([429, String(12 * 3600)]);
});

test("an address is asked to confirm, and the answer tells nothing of it", async () => {
  const dora = await person("dora");
  const emails = ["new@example.org", dora.email, "ada@no_domain", "new@example.org"];
  const answers = new Set<string>();
  for (const email of emails) {
    const { status, body } = await send("POST", "/api/v1/subscriptions", {
      token: dora.token,
      body: { email, keywords: [" hessian  spectrum "], tz: "Europe/Berlin" },
    });
    answers.add(JSON.stringify([status, body]));
  }
  expect([...answers]).toEqual([
    JSON.stringify([
      202,
      { message: "If this address can receive email, a message with a link that confirms is on its way." },
    ]),
  ]);
  expect(asked).toContain("subscriptions");
  const kept = await database.orm.select().from(subscriptionRequests);
  expect(kept.map(({ email }) => email)).toEqual(emails);
  expect(kept[0]).toMatchObject({
    choices: { keywords: ["hessian spectrum"], tz: "Europe/Berlin", cadence: "daily", maxItems: 20 },
    consent: { text: "api-1", at: NOW.toISOString() },
  });
  for (const [body, field] of [
    [{}, "email"],
    [{ email: "no address" }, "email"],
    [{ email: "a@b.example\r\nBcc: c@d.example" }, "email"],
    [{ email: ["a@b.example", "c@d.example"] }, "email"],
    [{ email: "a@b.example", hour: 24 }, "hour"],
    [{ email: "a@b.example", tz: "Mars/Olympus" }, "tz"],
    [{ email: "a@b.example", topics: ["x y"] }, "topics.0"],
    [{ email: "a@b.example", keywords: ["-only"] }, "keywords.0"],
    [{ email: "a@b.example", status: "active" }, undefined],
  ] as const)
    expect(
      await send("POST", "/api/v1/subscriptions", { token: (await person(crypto.randomUUID())).token, body }),
    ).toMatchObject({ status: 422, body: error("invalid_body", field === undefined ? {} : { field }) });
  // The fifth is the last of an hour, also from another network.
  const body = { email: "more@example.org" };
  expect((await send("POST", "/api/v1/subscriptions", { token: dora.token, body })).status).toBe(202);
  const sixth = await send("POST", "/api/v1/subscriptions", { token: dora.token, body });
  expect([sixth.status, Number(sixth.headers.get("retry-after")) > 3000]).toEqual([429, true]);
  const large = { email: "a@b.example", keywords: ["x".repeat(33_000)] };
  expect((await send("POST", "/api/v1/subscriptions", { token: dora.token, body: large })).status).toBe(413);
  const form = { token: dora.token, body: "email=a@b.example", headers: { "content-type": "text/plain" } };
  expect((await send("POST", "/api/v1/subscriptions", form)).status).toBe(415);
  await database.orm.delete(subscriptionRequests);
});

test("a subscription is read, changed and ended by its token or its account, and by nobody else", async () => {
  const [erin, eve] = [await person("erin"), await person("eve")];
  await send("POST", "/api/v1/subscriptions", {
    token: erin.token,
    body: { email: erin.email, topics: ["convex"] },
  });
  const follow = async () => {};
  await subscriptionJob(database.orm, { now: () => NOW, key: addressKey, follow }).run(
    new AbortController().signal,
  );
  const list = async (token: string) => (await send("GET", "/api/v1/subscriptions", { token })).body;
  expect(await list(eve.token)).toEqual({ subscriptions: [] });
  expect(await list(erin.token)).toMatchObject({
    subscriptions: [
      { status: "pending", address: "e•••@r•••.example", topics: ["convex"], next_due_at: null },
    ],
  });
  const [{ id }] = await database.orm
    .update(subscriptions)
    .set({ status: "active", confirmedAt: NOW })
    .where(eq(subscriptions.email, erin.email))
    .returning({ id: subscriptions.id });
  const [byId, byToken] = [`/api/v1/subscriptions/${id}`, `/api/v1/subscriptions/${links.preferences(id)}`];
  const own = await send("GET", byId, { token: erin.token });
  expect(own).toMatchObject({ status: 200, body: { id, status: "active" } });
  const linked = await send("GET", byToken);
  expect(linked.body).toEqual(own.body);
  expect([linked.headers.get("referrer-policy"), linked.headers.get("x-robots-tag")]).toEqual([
    "no-referrer",
    "noindex",
  ]);
  const change = (path: string, body: unknown, token?: string) => send("PATCH", path, { token, body });
  expect(await change(byToken, { cadence: "weekly", hour: 5, tz: "Asia/Kathmandu" })).toMatchObject({
    status: 200,
    body: {
      cadence: "weekly",
      weekday: 1,
      hour: 5,
      topics: ["convex"],
      next_due_at: "2026-11-22T23:15:00.000Z",
    },
  });
  expect(await change(byId, { cadence: "daily" }, erin.token)).toMatchObject({
    body: { cadence: "daily", weekday: null, hour: 5, tz: "Asia/Kathmandu" },
  });
  const forged = `${byToken.slice(0, -1)}${byToken.endsWith("A") ? "B" : "A"}`;
  for (const method of ["GET", "PATCH", "DELETE"]) {
    const body = method === "PATCH" ? { hour: 1 } : undefined;
    expect([method, (await send(method, byId, { body })).status]).toEqual([method, 401]);
    expect([method, (await send(method, forged, { body })).status]).toEqual([method, 401]);
    expect([method, (await send(method, byId, { token: eve.token, body })).status]).toEqual([method, 404]);
    expect([method, (await send(method, forged, { token: eve.token, body })).status]).toEqual([method, 404]);
    const gone = `/api/v1/subscriptions/${links.preferences(crypto.randomUUID())}`;
    expect([method, (await send(method, gone, { body })).status]).toEqual([method, 404]);
  }
  for (const body of [
    { hour: "5" },
    { status: "active" },
    { email: eve.email },
    { keywords: Array(21).fill("a") },
  ])
    expect((await change(byToken, body)).status).toBe(422);
  expect((await change(byToken, { keywords: ["x".repeat(33_000)] })).status).toBe(413);
  const text = { "content-type": "text/plain" };
  expect((await send("PATCH", byToken, { body: "hour=1", headers: text })).status).toBe(415);
  for (let i = 0; i < 2; i++)
    expect(await send("DELETE", byToken)).toMatchObject({ status: 200, body: { status: "unsubscribed" } });
  expect(await change(byToken, { hour: 1 })).toMatchObject({ status: 409, body: error("conflict") });
});

test("a vote is cast and withdrawn with a token of its scope", async () => {
  const fred = await person("fred");
  const path = "/api/v1/papers/2412.08424/vote";
  for (const [method, votes] of [
    ["PUT", 1],
    ["PUT", 1],
    ["DELETE", 0],
    ["DELETE", 0],
  ] as const)
    expect(await send(method, path, { token: fred.token })).toMatchObject({
      status: 200,
      body: { votes, voted: method === "PUT" },
    });
  expect((await send("PUT", "/api/v1/papers/2501.99999/vote", { token: fred.token })).status).toBe(404);
  expect((await send("DELETE", "/api/v1/papers/2501.99999/vote", { token: fred.token })).status).toBe(404);
});

const example = (path: string) => path.replace("{id}", "2412.08424").replace("{subscription}", "x");

test("every operation wants an account, a token of its own scope, and its own methods, and waits its turn", async () => {
  const gina = await person("gina");
  const scopeOf: Readonly<Record<string, TokenScope>> = {
    Papers: "votes",
    Submissions: "submissions",
    Subscriptions: "subscriptions",
  };
  for (const { path, method, operation } of writes) {
    const sent = operation.requestBody ? { body: {} } : {};
    const address = example(path);
    const verb = method.toUpperCase();
    const wanted = scopeOf[operation.tags[0]];
    const others = await gina.tokenFor(...tokenScopes.filter((scope) => scope !== wanted));
    for (const authorization of [
      undefined,
      "Bearer",
      `Bearer gradus_${"a".repeat(43)}`,
      `Basic ${gina.token}`,
      `Bearer ${others}`,
    ]) {
      const headers = authorization === undefined ? undefined : { authorization };
      const refused = await send(verb, address, { ...sent, headers });
      expect([verb, address, refused.status]).toEqual([verb, address, 401]);
      expect(refused.headers.get("www-authenticate")).toBe("Bearer");
    }
    expect((await send("PROPFIND", address, { token: gina.token })).status).toBe(405);
    // Nothing is written in the name of a suspended account.
    await database.orm.update(users).set({ suspendedAt: NOW }).where(eq(users.id, gina.id));
    expect((await send(verb, address, { ...sent, token: gina.token })).status).toBe(401);
    await database.orm.update(users).set({ suspendedAt: null }).where(eq(users.id, gina.id));
    const environment = { address: `203.0.113.${writes.findIndex((one) => one.operation === operation)}` };
    for (let i = 0; i < 120; i++) await api.request("/api/v1/submissions", { method: "POST" }, environment);
    expect((await send(verb, address, { ...sent, environment })).status).toBe(429);
    working = false;
    const away = await send(verb, address, { ...sent, token: gina.token });
    expect([away.status, away.headers.get("retry-after")]).toEqual([503, "10"]);
    working = true;
    await database.orm.delete(users).where(eq(users.id, gina.id));
    Object.assign(gina, await person("gina"));
  }
});

test(
  "every documented response was given, but those that the server gives before the API is asked",
  expectEveryResponse,
);
