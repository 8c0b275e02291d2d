import { describe, expect, test } from "vitest";
import { cacheable, entityTag, matchesTag, preflight } from "./respond.ts";

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
    expect(matchesTag(field, 'W/"a"')).toBe(matches);
  });
  test("that is missing matches nothing", () => {
    expect(matchesTag(null, 'W/"a"')).toBe(false);
  });
});

test("bodies have tags of their own, which stay", () => {
  expect(entityTag("a")).toBe(entityTag("a"));
  expect(entityTag("a")).not.toBe(entityTag("b"));
});

test("an answer is 200 with its tag, and 304 without a body to who has it", async () => {
  const first = cacheable(ask(), answer);
  expect(first.status).toBe(200);
  expect(await first.text()).toBe("{}");
  const again = cacheable(ask({ "if-none-match": first.headers.get("etag") ?? "" }), answer);
  expect(again.status).toBe(304);
  expect(await again.text()).toBe("");
  for (const name of ["etag", "cache-control", "access-control-allow-origin"])
    expect(again.headers.get(name)).toBe(first.headers.get(name));
  expect(cacheable(ask({ "if-none-match": '"other"' }), answer).status).toBe(200);
});

test("Last-Modified counts as it was sent, and only where there is no tag", () => {
  const date = "Thu, 25 Dec 2025 00:00:20 GMT";
  const dated = { ...answer, headers: { "Last-Modified": date } };
  expect(cacheable(ask({ "if-modified-since": date }), dated).status).toBe(304);
  expect(cacheable(ask({ "if-modified-since": "Fri, 26 Dec 2025 00:00:20 GMT" }), dated).status).toBe(200);
  expect(cacheable(ask({ "if-modified-since": date, "if-none-match": '"old"' }), dated).status).toBe(200);
  expect(cacheable(ask({ "if-modified-since": date }), answer).status).toBe(200);
});

test("pages of other sites may read, and nothing else", () => {
  const { status, headers } = preflight();
  expect(status).toBe(204);
  expect(headers.get("access-control-allow-origin")).toBe("*");
  expect(headers.get("access-control-allow-methods")).toBe("GET, HEAD, OPTIONS");
  expect(headers.has("access-control-allow-credentials")).toBe(false);
});
