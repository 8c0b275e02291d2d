import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { conditionalResponse, entityTag, matchesEntityTag, prepareResponse } from "./conditional-response.ts";

const answer = { body: "{}", type: "application/json" };
const ask = (headers: Record<string, string> = {}) => new Request("http://localhost/api", { headers });

describe("an If-None-Match field", () => {
  test.each([
    ['W/"a"', true],
    ['"a"', true],
    ['"b", W/"a"', true],
    ["*", true],
    ['"b"', false],
    ["a", false],
    ["", false],
  ])("%s", (field, matches) => {
    expect(matchesEntityTag(field, 'W/"a"')).toBe(matches);
  });
  test("that is missing matches nothing", () => {
    expect(matchesEntityTag(null, 'W/"a"')).toBe(false);
  });
});

test("bodies have tags of their own, which stay", () => {
  expect(entityTag("a")).toBe(entityTag("a"));
  expect(entityTag("a")).not.toBe(entityTag("b"));
});

test("an answer is 200 with its tag, and 304 without a body to who has it", async () => {
  const first = await conditionalResponse(ask(), prepareResponse(answer));
  expect(first.status).toBe(200);
  expect(await first.text()).toBe("{}");
  const again = await conditionalResponse(
    ask({ "if-none-match": first.headers.get("etag") ?? "" }),
    prepareResponse(answer),
  );
  expect(again.status).toBe(304);
  expect(await again.text()).toBe("");
  expect(again.headers.get("vary")).toBe("Accept-Encoding");
  for (const name of ["etag", "cache-control", "access-control-allow-origin"])
    expect(again.headers.get(name)).toBe(first.headers.get(name));
  expect(
    (await conditionalResponse(ask({ "if-none-match": '"other"' }), prepareResponse(answer))).status,
  ).toBe(200);
});

test("Last-Modified counts as it was sent, and only where there is no tag", async () => {
  const date = "Thu, 25 Dec 2025 00:00:20 GMT";
  const dated = { ...answer, headers: { "Last-Modified": date } };
  const status = async (headers: Record<string, string>, sent = dated) =>
    (await conditionalResponse(ask(headers), prepareResponse(sent))).status;
  expect(await status({ "if-modified-since": date })).toBe(304);
  expect(await status({ "if-modified-since": "Fri, 26 Dec 2025 00:00:20 GMT" })).toBe(200);
  expect(await status({ "if-modified-since": date, "if-none-match": '"old"' })).toBe(200);
  expect(await status({ "if-modified-since": date }, { ...answer, headers: { "Last-Modified": "" } })).toBe(
    200,
  );
});

test("a large body is compressed as the request allows, once for all requests, under the same tag", async () => {
  const body = JSON.stringify(Array.from({ length: 500 }, (_, i) => i));
  const sealed = prepareResponse({ ...answer, body });
  const send = (encodings: string) => conditionalResponse(ask({ "accept-encoding": encodings }), sealed);
  const [plain, first, second] = [await send("identity"), await send("gzip"), await send("gzip, deflate")];
  expect(plain.headers.has("content-encoding")).toBe(false);
  expect(await plain.text()).toBe(body);
  for (const response of [first, second]) {
    expect(response.headers.get("content-encoding")).toBe("gzip");
    expect(response.headers.get("vary")).toBe("Accept-Encoding");
    expect(response.headers.get("etag")).toBe(plain.headers.get("etag"));
    const packed = Buffer.from(await response.arrayBuffer());
    expect(response.headers.get("content-length")).toBe(String(packed.length));
    expect(gunzipSync(packed).toString()).toBe(body);
  }
  expect(sealed.encodings.size).toBe(1);
  const small = await conditionalResponse(ask({ "accept-encoding": "gzip" }), prepareResponse(answer));
  expect(small.headers.has("content-encoding")).toBe(false);
});

test("an answer that is kept takes no more memory than its body and its copies", async () => {
  const sealed = prepareResponse({ ...answer, body: "abc ".repeat(1000) });
  await conditionalResponse(ask({ "accept-encoding": "gzip" }), sealed);
  const [copy] = await Promise.all(sealed.encodings.values());
  for (const body of [sealed.body, copy?.body]) expect(body?.buffer.byteLength).toBe(body?.length);
  expect(copy?.encoding).toBe("gzip");
});
