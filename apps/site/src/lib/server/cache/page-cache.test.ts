import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { beforeEach, expect, test } from "vitest";
import { cachePage, pageResponse, type Rendered } from "./cached-page.ts";
import { cacheKey, pageCache, type Stamp } from "./page-cache.ts";

const rendered = (
  body: string,
  nonce = "AAAABBBBCCCCDDDDEEEEFF==",
  headers: Record<string, string> = {},
): Rendered & { readonly html: string } => ({
  html: `<html><body data-x="1">${body}<script nonce="${nonce}"></script></body></html>`,
  response: new Response("left out", {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-length": "8",
      "content-security-policy": `default-src 'none'; script-src 'self' 'nonce-${nonce}'`,
      ...headers,
    },
  }),
});
const nonceOf = (response: Response) =>
  /'nonce-([^']+)'/.exec(response.headers.get("content-security-policy") ?? "")?.[1];

let version: string | undefined;
let now: Date;
let renders: number;
beforeEach(() => {
  version = "1";
  now = new Date("2025-12-25T12:00:00Z");
  renders = 0;
});
const cache = (capacity?: number) =>
  pageCache({
    version: async () => version ?? Promise.reject(new Error("away")),
    now: () => now,
    capacity,
  });
const render = async () => {
  renders += 1;
  return rendered(`page ${renders}`);
};
const plain = { gzip: false };

test("whatever a page holds, its gzip unpacks to the page with one fresh nonce", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "binary", maxLength: 2000 }), fc.nat(4), async (text, times) => {
      const nonce = "AAAABBBBCCCCDDDDEEEEFF==";
      // Styles are packed by themselves.
      const content = text + `<style nonce="${nonce}">${text}</style>${text}`.repeat(times);
      const copy = cachePage(rendered(content, nonce));
      if (!copy) throw new Error("the page was not kept");
      const response = pageResponse(copy, true);
      const own = nonceOf(response);
      expect(own).toMatch(/^[A-Za-z0-9+/]{22}==$/);
      expect(own).not.toBe(nonce);
      const html = gunzipSync(Buffer.from(await response.arrayBuffer())).toString();
      expect(html.replaceAll(String(own), nonce)).toBe(rendered(content, nonce).html);
      const unpacked = pageResponse(copy, false);
      const bytes = Buffer.from(await unpacked.arrayBuffer());
      expect(unpacked.headers.get("content-length")).toBe(String(bytes.length));
      expect(bytes.toString().replaceAll(String(nonceOf(unpacked)), nonce)).toBe(
        rendered(content, nonce).html,
      );
    }),
    { seed: 5 },
  );
});

test("a page is rendered once for a version of the data and a minute, also for many at once", async () => {
  const pages = cache();
  const answers = await Promise.all([1, 2, 3, 4].map(() => pages.respond("/", plain, render)));
  expect(renders).toBe(1);
  expect(new Set(answers.map(nonceOf)).size).toBe(4);
  version = "2";
  expect(await (await pages.respond("/", plain, render)).text()).toContain("page 2");
  now = new Date(now.getTime() + 60_000);
  expect(await (await pages.respond("/", plain, render)).text()).toContain("page 3");
});

test("a page is made with its stamp, by which the parts of it may be kept", async () => {
  const pages = cache();
  const stamps: (Stamp | undefined)[] = [];
  const noted = (stamp: Stamp | undefined) => {
    stamps.push(stamp);
    return render();
  };
  await pages.respond("/", plain, noted);
  stamps.push(await pages.stamp());
  now = new Date(now.getTime() + 60_000);
  await pages.respond("/", plain, noted);
  version = undefined;
  await pages.respond("/other", plain, noted);
  expect(stamps[1]).toEqual(stamps[0]);
  expect(new Set(stamps.map((stamp) => stamp?.minute)).size).toBe(3);
  expect(stamps.map((stamp) => stamp?.version)).toEqual(["1", "1", "1", undefined]);
  expect(stamps[3]).toBeUndefined();
});

test("without its database the site shows the last good copy for a day, and says so", async () => {
  const pages = cache();
  await pages.respond("/", plain, render);
  version = undefined;
  const away = async () => ({ response: new Response("no database", { status: 503 }) });
  now = new Date("2025-12-26T11:59:00Z");
  const copy = await pages.respond("/", plain, away);
  const html = await copy.text();
  expect(copy.status).toBe(200);
  expect(html).toMatch(/<body data-x="1"><p class="outage" role="status">[^<]*2025-12-25 at 12:00 UTC/);
  expect(html).toContain("page 1");
  expect(html).toContain(`nonce="${nonceOf(copy)}"`);
  expect((await pages.respond("/other", plain, away)).status).toBe(503);
  expect(await pages.lastCopy("/")?.text()).toMatch(/12:00 UTC\. You are shown as signed out until /);
  expect(pages.lastCopy("/other")).toBeUndefined();
  now = new Date("2025-12-26T12:00:01Z");
  expect(pages.lastCopy("/")).toBeUndefined();
  expect((await pages.respond("/", plain, away)).status).toBe(503);
  version = "1";
  expect(await (await pages.respond("/", plain, render)).text()).toContain("page 2");
});

test("errors, redirects and pages that set a cookie are not kept", async () => {
  const pages = cache();
  const missing = { status: 404, headers: { "content-type": "text/html", "content-length": "8" } };
  const answers: [text: string, () => Rendered][] = [
    ["no", () => ({ response: new Response("left out", missing), html: "no" })],
    ["", () => ({ response: new Response(null, { status: 302, headers: { location: "/" } }) })],
    ["hello", () => rendered("hello", "AAAABBBBCCCCDDDDEEEEFF==", { "set-cookie": "a=b" })],
  ];
  for (const [text, answer] of answers) {
    let calls = 0;
    const once = async () => {
      calls += 1;
      return answer();
    };
    await pages.respond("/", plain, once);
    const whole = await pages.respond("/", plain, once);
    expect(calls).toBe(2);
    expect([whole.status, whole.headers.has("content-length")]).toEqual([answer().response.status, false]);
    expect(await whole.text()).toContain(text);
  }
});

test("the pages that were unused for longest go when memory is short", async () => {
  const { bytes } = cachePage(rendered("page 1")) ?? { bytes: 0 };
  const pages = cache(2 * bytes + 20);
  await pages.respond("/a", plain, render);
  await pages.respond("/b", plain, render);
  await pages.respond("/a", plain, render);
  await pages.respond("/c", plain, render);
  expect(renders).toBe(3);
  await pages.respond("/a", plain, render);
  expect(renders).toBe(3);
  await pages.respond("/b", plain, render);
  expect(renders).toBe(4);
});

test("only pages of papers that are the same for all readers have a name", () => {
  const url = new URL("https://x.example/papers?sort=new");
  const key = (init: RequestInit, route = "/papers", isData = false) =>
    cacheKey(new Request(url, init), { url, route, isData });
  expect(key({})).toBe("https://x.example/papers?sort=new");
  expect(key({}, "/papers/[...id]")).toBeDefined();
  expect(key({ headers: { cookie: "s=1" } })).toBeUndefined();
  expect(key({ headers: { authorization: "Bearer x" } })).toBeUndefined();
  expect(key({ headers: { accept: "text/markdown" } })).toBeUndefined();
  expect(key({ method: "POST" })).toBeUndefined();
  expect(key({}, "/papers", true)).toBeUndefined();
  expect(key({}, "/api/v1/papers")).toBeUndefined();
});
