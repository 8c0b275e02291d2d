import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { acceptedEncoding, compressed } from "./compress.ts";

test.each([
  ["gzip, deflate, br, zstd", "br"],
  ["gzip", "gzip"],
  ["br;q=0, gzip;q=0.5", "gzip"],
  ["br;q=0.0", undefined],
  ["identity", undefined],
  [null, undefined],
])("%s allows %s", (field, encoding) => {
  expect(acceptedEncoding(field)).toBe(encoding);
});

const page = "<p>step by step</p>".repeat(500);
const ask = (encoding: string) => new Request("http://x/", { headers: { "accept-encoding": encoding } });
const answer = (type: string, body = page) =>
  new Response(body, { status: 404, headers: { "content-type": type, vary: "Accept" } });

test("a page comes back whole after decoding, much smaller, and caches are told", async () => {
  for (const [encoding, decode] of [
    ["br", brotliDecompressSync],
    ["gzip", gunzipSync],
  ] as const) {
    const response = await compressed(ask(encoding), answer("text/html"));
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(response.status).toBe(404);
    expect(response.headers.get("content-encoding")).toBe(encoding);
    expect(response.headers.get("vary")).toBe("Accept, Accept-Encoding");
    expect(bytes.length).toBeLessThan(page.length / 20);
    expect(decode(bytes).toString()).toBe(page);
  }
});

test.each([
  ["application/json", "br"],
  ["application/atom+xml; charset=utf-8", "br"],
  ["application/rss+xml; charset=utf-8", "br"],
  ["application/feed+json; charset=utf-8", "br"],
  ["application/x-bibtex; charset=utf-8", "br"],
  ["text/markdown; charset=utf-8", "br"],
  ["application/octet-stream", null],
  ["application/wasm", null],
])("%s is sent as %s", async (type, encoding) => {
  expect((await compressed(ask("br"), answer(type))).headers.get("content-encoding")).toBe(encoding);
});

test("small, binary and undemanded bodies pass as they are", async () => {
  for (const [encoding, response] of [
    ["br", answer("text/html", "short")],
    ["br", answer("image/png")],
    ["identity", answer("text/html")],
  ] as const) {
    const passed = await compressed(ask(encoding), response);
    expect(passed.headers.has("content-encoding")).toBe(false);
    expect(passed.status).toBe(404);
  }
});
