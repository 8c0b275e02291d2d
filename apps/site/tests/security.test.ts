// What attackers try, on every route that changes something, against the production server.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { simpleParser } from "mailparser";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ApiDocument, apiOf, exampleAddress, operationsOf, readDocument } from "./api-client.ts";
import {
  expectWaitsOfAnHour,
  FORM,
  makeAdministrator,
  newPerson,
  type PlainReader,
  plainReader,
} from "./plain-reader.ts";
import type { TestServer } from "./server.ts";
import { startSeeded } from "./shared.ts";

const PAPER = "2412.08424";
const VOTE = `/api/v1/papers/${PAPER}/vote`;
const SUBSCRIPTIONS = "/api/v1/subscriptions";
const SUBMISSIONS = "/api/v1/submissions";
const OPERATOR = "/api/v1/operator";
const NETWORK = "x-test-address";
const ROUTES = fileURLToPath(new URL("../src/routes/", import.meta.url));
/** Routes that go by a token alone, from anywhere. */
const BY_TOKEN = /^\/(?:u|hooks)\//;

/** What browsers say of a request that another site made. */
const FOREIGN = (origin: string): Record<string, string>[] => [
  { origin: "https://evil.example" },
  { origin: "null" },
  { origin: `${origin}.evil.example` },
  { origin: origin.replace("http:", "https:") },
  { origin: "null", "sec-fetch-site": "cross-site" },
];

let server: TestServer;
let document: ApiDocument;
let administrator: PlainReader;
let ada: PlainReader;
/** With all scopes that a reader may choose. */
let token: string;
/** Of the administrator, to operate the site. */
let operatorToken: string;

let networks = 0;
const network = () => ({ [NETWORK]: `10.9.${++networks >> 8}.${networks & 255}` });

const person = (name: string) => newPerson(server, `${name}@example.org`, network());

async function makeToken(
  { ask }: PlainReader,
  name: string,
  scopes = ["votes", "submissions", "reports", "subscriptions"],
): Promise<string> {
  const fields = new URLSearchParams([["name", name]]);
  for (const scope of scopes) fields.append("scope", scope);
  const page = await ask("/account?/makeToken", {
    method: "POST",
    body: fields.toString(),
    headers: { "content-type": FORM, origin: server.origin },
  });
  return /gradus_[\w-]{43}/.exec(await page.text())?.[0] ?? "";
}

beforeAll(async () => {
  server = await startSeeded({
    environment: {
      ADDRESS_HEADER: NETWORK,
      // Nobody is there.
      ...{ GRADUS_ARXIV_URL: "http://127.0.0.1:9/query", GRADUS_OAI_URL: "http://127.0.0.1:9/oai" },
    },
  });
  document = await readDocument(apiOf(server.origin));
  administrator = await person("administrator");
  await makeAdministrator(server, administrator);
  operatorToken = await makeToken(administrator, "operator", ["operator"]);
  ada = await person("ada");
  token = await makeToken(ada, "all");
});
afterAll(async () => {
  // Whose log is scanned for addresses and tokens.
  await server?.stop();
  server?.remove();
});

/** The addresses of all forms, read from the sources: a new one cannot be forgotten here. */
function formActions(): { readonly path: string; readonly route: string }[] {
  const files = readdirSync(ROUTES, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith("+page.server.ts"),
  );
  return files.flatMap((file) => {
    const [, actions] = readFileSync(join(ROUTES, file), "utf8").split("export const actions: Actions = {\n");
    if (actions === undefined) return [];
    const names = [...actions.split("\n};")[0].matchAll(/^ {2}(?:async )?(\w+)(?:\(|:)/gm)].map(
      ([, name]) => name,
    );
    const route = `/${file.replaceAll("\\", "/").replace(/\/?\+page\.server\.ts$/, "")}`;
    const path = route.replace("[token]", "A".repeat(43)).replace("[...id]", PAPER);
    return names.map((name) => ({ route, path: name === "default" ? path : `${path}?/${name}` }));
  });
}

/** The operations of the API that change something, with an address of each. */
const writes = () =>
  operationsOf(document)
    .filter(({ method }) => method !== "get")
    .map(({ path, method, parameters }) => ({
      path: exampleAddress(path, parameters),
      method: method.toUpperCase(),
    }));

const api = (path: string, init: RequestInit = {}) =>
  fetch(`${server.origin}${path}`, {
    redirect: "manual",
    ...init,
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${path.startsWith(OPERATOR) ? operatorToken : token}`,
      ...network(),
      ...init.headers,
    },
  });
const send = (path: string, body: unknown, method = "POST") =>
  api(path, { method, body: typeof body === "string" ? body : JSON.stringify(body) });
const votesFor = async (): Promise<number> => (await (await api(`/api/v1/papers/${PAPER}`)).json()).votes;
/** The messages that the site wrote for an address. */
async function messagesTo(recipient: string) {
  const folder = join(server.folder, "mail");
  const files = readdirSync(folder).filter((name) => name.endsWith(".eml"));
  const messages = await Promise.all(files.map((name) => simpleParser(readFileSync(join(folder, name)))));
  return messages.filter(({ to }) => [to].flat().some((header) => header?.text === recipient));
}

describe("another site", () => {
  test("cannot send any form in the name of whoever is signed in", async () => {
    const forms = formActions();
    expect(forms.length).toBeGreaterThan(30);
    const before = await (await ada.ask("/account/export")).json();
    for (const { route, path } of forms) {
      if (BY_TOKEN.test(route)) continue;
      for (const who of [ada, administrator])
        for (const headers of FOREIGN(server.origin)) {
          const sent = await who.post(path, { sure: "yes", vote: "cast", email: "a@b.example" }, headers);
          expect([path, headers, sent.status]).toEqual([path, headers, 403]);
        }
    }
    expect(await (await ada.ask("/account/export")).json()).toMatchObject({
      ...before,
      sessions: expect.anything(),
    });
    expect((await administrator.ask("/operator")).status).toBe(200);
  });

  test("cannot write through the API, whatever it calls its body", async () => {
    for (const { path, method } of writes())
      for (const type of ["application/json", "text/plain", FORM]) {
        const headers = { origin: "https://evil.example", "content-type": type, ...network() };
        const sent = await ada.ask(path, { method, body: "{}", headers });
        expect([method, path, sent.status]).toEqual([method, path, 403]);
        expect(await sent.json()).toMatchObject({ error: { code: "cross_site" } });
        const preflight = await api(path, {
          method: "OPTIONS",
          headers: { origin: "https://evil.example", "access-control-request-method": method },
        });
        expect(preflight.headers.get("access-control-allow-methods")).toBe("GET,HEAD,OPTIONS");
      }
    expect(await votesFor()).toBe(0);
  });

  test.each([
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "http:evil.example",
    "javascript:alert(1)",
    "/%2F/evil.example/..//",
    "https://localhost@evil.example",
    "/papers\r\nSet-Cookie: a=b",
  ])("is not where a form leads back to: %j", async (to) => {
    const query = new URLSearchParams({ to });
    const answers = await Promise.all([
      ada.post(`/papers/${PAPER}?/mark`, { mark: "read", set: "yes", to }),
      ada.post("/followed?/follow", { query: "hessian", to }),
      ada.ask(`/sign-in?${query}`),
    ]);
    for (const answer of answers) {
      const location = new URL(answer.headers.get("location") ?? "https://none.example", server.origin);
      expect([answer.status, location.origin]).toEqual([303, server.origin]);
      expect(answer.headers.getSetCookie().join()).not.toContain("a=b");
    }
  });
});

describe("what is sent", () => {
  /** Texts that no column can keep, or that mean something to somebody. */
  const NASTY = [
    "\0",
    "a\0b",
    "\u{fffe}\u{202e}\u{200b}",
    "\r\nBcc: eve@example.org",
    "'; drop table papers; --",
    "{{7*7}}<script>alert(1)</script>",
    "../../../../etc/passwd\0.md",
    "9".repeat(400),
    "🦉".repeat(300),
  ];
  const FIELDS =
    "email stamp website name scope id mark set vote to query paper code note next file marks day hour tz cadence weekday topics keywords min_votes max_papers action sure account address flag report job List-Unsubscribe".split(
      " ",
    );

  test("no text in any field of any form is a failure of the site", async () => {
    const failures: string[] = [];
    for (const { path } of formActions()) {
      // Whoever signs out or goes is somebody else then.
      if (/signOut|delete/.test(path)) continue;
      for (const text of NASTY) {
        const fields = Object.fromEntries(FIELDS.map((field) => [field, text]));
        const { status } = await administrator.post(path, { ...fields, sure: "no" }, network());
        if (status >= 500) failures.push(`${path} ${JSON.stringify(text.slice(0, 20))}`);
      }
    }
    expect(failures).toEqual([]);
    expect((await administrator.ask("/operator")).status).toBe(200);
  });

  test("no text in any query of any page is a failure of the site", async () => {
    const failures: string[] = [];
    const pages = [...new Set(formActions().map(({ path }) => path.split("?")[0]))];
    for (const page of [...pages, "/papers", "/saved", "/status", "/docs/search"])
      for (const text of NASTY) {
        const names = [
          "q",
          "day",
          "p",
          "to",
          "vote",
          "paper",
          "topic",
          "keyword",
          "address",
          "voted-for",
          "key",
        ];
        const query = new URLSearchParams(names.map((name) => [name, text])).toString();
        const { status } = await administrator.ask(`${page}?${query}`, { headers: network() });
        if (status >= 500) failures.push(`${page} ${JSON.stringify(text.slice(0, 20))}`);
      }
    expect(failures).toEqual([]);
  });

  test("bodies that are too large, too deep, or no JSON are refused by every write of the API", async () => {
    for (const { path, method } of writes()) {
      if (path === VOTE) continue;
      if (method === "DELETE") continue;
      const cases: [string, number[]][] = [
        ["[".repeat(20_000), [404, 422]],
        [`{"a":${"[".repeat(5000)}${"]".repeat(5000)}}`, [404, 422]],
        ['{"__proto__":{"isAdmin":true},"paper":"2611.00001","email":"a@b.example"}', [404, 422]],
        ["{", [404, 422]],
        ["", [404, 422]],
        [`{"note":"${"x".repeat(300_000)}"}`, [404, 413]],
        [`"${"x".repeat(2_000_000)}"`, [404, 413]],
      ];
      for (const [body, wanted] of cases) {
        const sent = await send(path, body, method).catch(() => undefined);
        // A connection may be closed while a body that is too large is still on its way.
        if (sent === undefined) expect(body.length).toBeGreaterThan(200_000);
        else
          expect([method, path, body.slice(0, 20), wanted.includes(sent.status)]).toEqual([
            method,
            path,
            body.slice(0, 20),
            true,
          ]);
      }
      const cut = await api(path, { method, body: "email=a@b.example", headers: { "content-type": FORM } });
      expect([404, 415]).toContain(cut.status);
    }
    expect((await fetch(`${server.origin}/readyz`)).status).toBe(200);
  });

  test("forms that are too large are refused, and deep files are none", async () => {
    const large = await ada.post("/submit?/check", { paper: "x".repeat(600_000) }).catch(() => undefined);
    if (large) expect(large.status).toBe(413);
    // The import of accounts alone takes more, and no other form by a similar name.
    const similar = await ada.post("/account?/rename&/import", { name: "x".repeat(600_000) }).catch(() => {});
    if (similar) expect(similar.status).toBe(413);
    // Without a length that says so beforehand.
    const inChunks = (fields: string) =>
      ada.ask("/submit?/check", {
        method: "POST",
        body: new Blob([fields]).stream(),
        duplex: "half",
        headers: { "content-type": FORM, origin: server.origin },
      } as RequestInit);
    const chunked = await inChunks(`paper=${"x".repeat(600_000)}`);
    expect([chunked.status, await chunked.text()]).toEqual([413, expect.stringContaining("at most 512 kB")]);
    expect(await (await inChunks("paper=nonsense")).text()).toContain("nonsense");
    for (const text of [
      "[".repeat(200_000),
      `{"type":"gradus-account","version":1,"votes":${"[".repeat(100_000)}`,
      '{"__proto__":{}}',
    ]) {
      const body = new FormData();
      body.set("file", new Blob([text], { type: "application/json" }), "gradus-account.json");
      const sent = await ada.ask("/account?/import", {
        method: "POST",
        body,
        headers: { origin: server.origin },
      });
      expect(sent.status).toBe(400);
      expect([400, 413]).toContain((await ada.post("/saved?/merge", { marks: text })).status);
    }
  });

  test("of parameters that come twice, or under other names, one counts and none leaks into objects", async () => {
    const own = (body: string) =>
      ada.ask(`/papers/${PAPER}?/mark`, {
        method: "POST",
        body,
        headers: { "content-type": FORM, origin: server.origin },
      });
    expect(
      (await own("mark=read&mark=saved&set=yes&set=no&__proto__=x&constructor=y&mark[]=loved")).status,
    ).toBe(303);
    const kept = await (await ada.ask("/account/export")).json();
    expect([kept.read.length, kept.saved.length]).toEqual([1, 0]);
    const twice = await send(SUBSCRIPTIONS, '{"email":"first@example.org","email":["second@example.org"]}');
    expect(twice.status).toBe(422);
    const paths = [
      `/api/v1/papers?limit=1&limit=100&__proto__[limit]=7&constructor=x`,
      "/api/v1/papers?limit=1",
    ];
    const [polluted, plain] = await Promise.all(paths.map(async (path) => (await api(path)).json()));
    expect(polluted.papers).toEqual(plain.papers);
    const named = await api(`${VOTE}?userId=1&weight=100&_method=DELETE`, {
      method: "PUT",
      body: '{"weight":100}',
    });
    expect([named.status, await named.json()]).toEqual([200, { votes: 1, voted: true }]);
    expect((await api(VOTE, { method: "DELETE" })).status).toBe(200);
  });
});

describe("an account", () => {
  test("counts once for a paper, and has one hour of votes, however many tokens it has", async () => {
    const tokens = [token, await makeToken(ada, "second"), await makeToken(ada, "third")];
    const cast = (own: string) => api(VOTE, { method: "PUT", headers: { authorization: `Bearer ${own}` } });
    const answers = await Promise.all([...tokens, ...tokens].map(cast));
    expect(
      new Set(await Promise.all(answers.map((answer) => answer.json().then(({ votes }) => votes)))),
    ).toEqual(new Set([1]));
    const statuses: number[] = [];
    for (let i = 0; i < 60; i++) statuses.push((await cast(tokens[i % 3])).status);
    expect(statuses.slice(-6)).toEqual(Array(6).fill(429));
    expect(await votesFor()).toBe(1);
    expect((await ada.post(`/papers/${PAPER}?/vote`, { vote: "cast" })).status).toBe(429);
  });

  test("looks up 30 papers an hour, by forms and programs together", async () => {
    const own = await person("submitter");
    const bearer = { authorization: `Bearer ${await makeToken(own, "submit")}` };
    const statuses: number[] = [];
    for (let i = 0; i < 15; i++) {
      statuses.push((await own.post("/submit?/check", { paper: "2611.00001" })).status);
      const body = JSON.stringify({ paper: "2611.00001" });
      statuses.push((await api(SUBMISSIONS, { method: "POST", body, headers: bearer })).status);
    }
    expect(statuses).toEqual(Array.from({ length: 15 }, () => [400, 422]).flat());
    const refused = await own.post("/submit?/check", { paper: "2611.00001" });
    expect(refused.status).toBe(429);
    expectWaitsOfAnHour([refused]);
    const limited = await api(SUBMISSIONS, {
      method: "POST",
      body: '{"paper":"2611.00001"}',
      headers: bearer,
    });
    expect([limited.status, Number(limited.headers.get("retry-after")) > 3000]).toEqual([429, true]);
  });

  test("has no more of the site than its own, and an id is no key", async () => {
    const eve = await person("eve");
    const bearer = { authorization: `Bearer ${await makeToken(eve, "eve")}` };
    for (const id of [
      crypto.randomUUID(),
      "1",
      "../subscriptions",
      `v1.${crypto.randomUUID()}.${"A".repeat(43)}`,
    ])
      for (const method of ["GET", "PATCH", "DELETE"]) {
        const path = `${SUBSCRIPTIONS}/${encodeURIComponent(id)}`;
        const sent = await api(path, {
          method,
          headers: bearer,
          ...(method === "PATCH" ? { body: "{}" } : {}),
        });
        expect([id, method, sent.status]).toEqual([id, method, 404]);
      }
    for (const path of ["/operator", "/operator/papers", "/operator/accounts?address=a"]) {
      expect((await eve.ask(path)).status).toBe(404);
      expect((await eve.ask(`/api/v1${path}`)).status).toBe(404);
      expect((await api(`/api/v1${path}`, { headers: bearer })).status).toBe(401);
    }
    // A scope that only operators may choose.
    expect(await makeToken(eve, "operator", ["operator"])).toBe("");
  });
});

describe("mail", () => {
  test("goes to one address once in ten minutes, with the header fields that the site wrote", async () => {
    const victim = "victim@example.org";
    const keywords = ["hessian\r\nBcc: eve@example.org", "newton\nSubject: Won"];
    for (let i = 0; i < 3; i++) {
      const asked = await send(SUBSCRIPTIONS, { email: victim, keywords });
      expect([asked.status, asked.headers.get("cache-control")]).toEqual([202, "no-store"]);
    }
    await expect.poll(async () => (await messagesTo(victim)).length, { interval: 200 }).toBeGreaterThan(0);
    // Whoever comes after it in the outbox shows that nothing is left before it.
    await person("later");
    const messages = await messagesTo(victim);
    expect(messages).toHaveLength(1);
    const [{ subject, headers, to }] = messages;
    expect(subject).toMatch(/^Confirm the subscription \(gradus at /);
    expect([headers.has("bcc"), headers.has("cc"), [to].flat().length]).toEqual([false, false, 1]);
    expect(await messagesTo("eve@example.org")).toHaveLength(1);
  });

  test("is asked for five times an hour by an account, whatever networks it comes from", async () => {
    const own = await person("mailer");
    const headers = { authorization: `Bearer ${await makeToken(own, "mailer")}` };
    const statuses: number[] = [];
    for (let i = 0; i < 6; i++) {
      const body = JSON.stringify({ email: `somebody${i}@example.org` });
      statuses.push((await api(SUBSCRIPTIONS, { method: "POST", body, headers })).status);
    }
    expect(statuses).toEqual([202, 202, 202, 202, 202, 429]);
  });
});

test("pages with a token in their address tell it to nobody", async () => {
  const link = (await messagesTo("victim@example.org"))[0]?.text?.match(/\/subscribe\/[\w-]+/)?.[0] ?? "";
  const confirmed = await (await plainReader(server, network()).post(link)).text();
  const own = /href="(\/u\/[^"]+)"/.exec(confirmed)?.[1] ?? "";
  const page = await plainReader(server, network()).ask(own);
  const text = await page.text();
  expect(page.status).toBe(200);
  for (const [, href] of text.matchAll(/(?:href|src|action)="(https?:[^"]+)"/g))
    expect(new URL(href).origin).toBe(server.origin);
  const answers = [page, await api(`${SUBSCRIPTIONS}/${own.slice(3)}`, { headers: { authorization: "" } })];
  for (const { headers } of answers) {
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("x-robots-tag")).toBe("noindex");
  }
  const sitemap = await (await api("/sitemap.xml")).text();
  expect(sitemap).not.toMatch(/\/(?:u|subscribe|sign-in|administrator|operator)\b/);
});
