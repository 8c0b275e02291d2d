// What one reader, however many tokens and networks it has, can take of others, against the production server.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AttackedSite, PAPER, SUBSCRIPTIONS, startAttackedSite, VOTE } from "./attacked-site.ts";
import { expectWaitsOfAnHour, plainReader } from "./plain-reader.ts";
import { startSeeded } from "./shared.ts";

const SUBMISSIONS = "/api/v1/submissions";

let site: AttackedSite;
beforeAll(async () => {
  site = await startAttackedSite();
});
afterAll(() => site?.[Symbol.asyncDispose]());

describe("an account", () => {
  test("counts once for a paper, and has one hour of votes, however many tokens it has", async () => {
    const tokens = [
      site.token,
      await site.makeToken(site.ada, "second"),
      await site.makeToken(site.ada, "third"),
    ];
    const cast = (own: string) =>
      site.api(VOTE, { method: "PUT", headers: { authorization: `Bearer ${own}` } });
    const answers = await Promise.all([...tokens, ...tokens].map(cast));
    expect(
      new Set(await Promise.all(answers.map((answer) => answer.json().then(({ votes }) => votes)))),
    ).toEqual(new Set([1]));
    const statuses: number[] = [];
    for (let i = 0; i < 60; i++) statuses.push((await cast(tokens[i % 3])).status);
    expect(statuses.slice(-6)).toEqual(Array(6).fill(429));
    expect(await site.votesFor()).toBe(1);
    expect((await site.ada.post(`/papers/${PAPER}?/vote`, { vote: "cast" })).status).toBe(429);
  });

  test("looks up 30 papers an hour, by forms and programs together", async () => {
    const own = await site.person("submitter");
    const bearer = { authorization: `Bearer ${await site.makeToken(own, "submit")}` };
    const statuses: number[] = [];
    for (let i = 0; i < 15; i++) {
      statuses.push((await own.post("/submit?/check", { paper: "2611.00001" })).status);
      const body = JSON.stringify({ paper: "2611.00001" });
      statuses.push((await site.api(SUBMISSIONS, { method: "POST", body, headers: bearer })).status);
    }
    expect(statuses).toEqual(Array.from({ length: 15 }, () => [400, 422]).flat());
    const refused = await own.post("/submit?/check", { paper: "2611.00001" });
    expect(refused.status).toBe(429);
    expectWaitsOfAnHour([refused]);
    const limited = await site.api(SUBMISSIONS, {
      method: "POST",
      body: '{"paper":"2611.00001"}',
      headers: bearer,
    });
    expect([limited.status, Number(limited.headers.get("retry-after")) > 3000]).toEqual([429, true]);
  });

  test("has no more of the site than its own, and an id is no key", async () => {
    const eve = await site.person("eve");
    const bearer = { authorization: `Bearer ${await site.makeToken(eve, "eve")}` };
    for (const id of [
      crypto.randomUUID(),
      "1",
      "../subscriptions",
      `v1.${crypto.randomUUID()}.${"A".repeat(43)}`,
    ])
      for (const method of ["GET", "PATCH", "DELETE"]) {
        const path = `${SUBSCRIPTIONS}/${encodeURIComponent(id)}`;
        const sent = await site.api(path, {
          method,
          headers: bearer,
          ...(method === "PATCH" ? { body: "{}" } : {}),
        });
        expect([id, method, sent.status]).toEqual([id, method, 404]);
      }
    for (const path of ["/operator", "/operator/papers", "/operator/accounts?address=a"]) {
      expect((await eve.ask(path)).status).toBe(404);
      expect((await eve.ask(`/api/v1${path}`)).status).toBe(404);
      expect((await site.api(`/api/v1${path}`, { headers: bearer })).status).toBe(401);
    }
    // A scope that only operators may choose.
    expect(await site.makeToken(eve, "operator", ["operator"])).toBe("");
  });
});

describe("mail", () => {
  test("goes to one address once in ten minutes, with the header fields that the site wrote", async () => {
    const victim = "victim@example.org";
    const keywords = ["hessian\r\nBcc: eve@example.org", "newton\nSubject: Won"];
    for (let i = 0; i < 3; i++) {
      const asked = await site.send(SUBSCRIPTIONS, { email: victim, keywords });
      expect([asked.status, asked.headers.get("cache-control")]).toEqual([202, "no-store"]);
    }
    await expect
      .poll(async () => (await site.messagesTo(victim)).length, { interval: 200 })
      .toBeGreaterThan(0);
    // Whoever comes after it in the outbox shows that nothing is left before it.
    await site.person("later");
    const messages = await site.messagesTo(victim);
    expect(messages).toHaveLength(1);
    const [{ subject, headers, to }] = messages;
    expect(subject).toMatch(/^Confirm the subscription \(gradus at /);
    expect([headers.has("bcc"), headers.has("cc"), [to].flat().length]).toEqual([false, false, 1]);
    expect(await site.messagesTo("eve@example.org")).toHaveLength(1);
  });

  test("is asked for five times an hour by an account, whatever networks it comes from", async () => {
    const own = await site.person("mailer");
    const headers = { authorization: `Bearer ${await site.makeToken(own, "mailer")}` };
    const statuses: number[] = [];
    for (let i = 0; i < 6; i++) {
      const body = JSON.stringify({ email: `somebody${i}@example.org` });
      statuses.push((await site.api(SUBSCRIPTIONS, { method: "POST", body, headers })).status);
    }
    expect(statuses).toEqual([202, 202, 202, 202, 202, 429]);
  });
});

test("who comes around the proxy is known by the connection", async () => {
  const { status, headers } = await fetch(`${site.server.origin}/api/v1/papers`);
  expect([status, headers.get("ratelimit-remaining")]).toEqual([200, expect.stringMatching(/^\d+$/)]);
});

test("who comes around the first of two proxies is known by what the second wrote", async () => {
  const environment = { ADDRESS_HEADER: "X-Forwarded-For", XFF_DEPTH: "2" };
  const server = await startSeeded({ environment });
  const left = async (headers: Readonly<Record<string, string>>) => {
    const answer = await fetch(`${server.origin}/api/v1/topics`, { headers });
    return [answer.status, Number(answer.headers.get("ratelimit-remaining"))];
  };
  const [, all] = await left({});
  expect(all).toBeGreaterThan(0);
  // The connection is counted apart from an address that one proxy wrote, and this one from what both did.
  expect(await left({})).toEqual([200, all - 1]);
  expect(await left({ "x-forwarded-for": "192.0.2.1" })).toEqual([200, all]);
  expect(await left({ "x-forwarded-for": "192.0.2.2, 192.0.2.1" })).toEqual([200, all]);
  expect(await left({ "x-forwarded-for": "192.0.2.1, 10.0.0.2" })).toEqual([200, all - 1]);
  await server.stop();
  server.remove();
});

test("pages with a token in their address tell it to nobody", async () => {
  const link =
    (await site.messagesTo("victim@example.org"))[0]?.text?.match(/\/subscribe\/[\w-]+/)?.[0] ?? "";
  const confirmed = await (await plainReader(site.server, site.network()).post(link)).text();
  const own = /href="(\/u\/[^"]+)"/.exec(confirmed)?.[1] ?? "";
  const page = await plainReader(site.server, site.network()).ask(own);
  const text = await page.text();
  expect(page.status).toBe(200);
  for (const [, href] of text.matchAll(/(?:href|src|action)="(https?:[^"]+)"/g))
    expect(new URL(href).origin).toBe(site.server.origin);
  const answers = [
    page,
    await site.api(`${SUBSCRIPTIONS}/${own.slice(3)}`, { headers: { authorization: "" } }),
  ];
  for (const { headers } of answers) {
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("x-robots-tag")).toBe("noindex");
  }
  const sitemap = await (await site.api("/sitemap.xml")).text();
  expect(sitemap).not.toMatch(/\/(?:u|subscribe|sign-in|administrator|operator)\b/);
});
