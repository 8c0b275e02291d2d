import { expect, test } from "vitest";
import { isCrossSite, isCrossSiteSignIn } from "./origin-check.ts";

const ORIGIN = "https://papers.example";
const request = (method: string, headers: Record<string, string>) =>
  new Request(`${ORIGIN}/papers`, { method, headers });

test.each([
  ["POST", { cookie: "s=1" }],
  ["POST", { cookie: "s=1", origin: "https://evil.example" }],
  ["POST", { cookie: "s=1", origin: "null", "sec-fetch-site": "same-origin" }],
  ["DELETE", { cookie: "s=1", origin: "https://papers.example.evil" }],
  ["PUT", { cookie: "s=1", "sec-fetch-site": "same-site" }],
  ["PATCH", { cookie: "s=1", "sec-fetch-site": "none" }],
])("%s with %j may be another site's", (method, headers) =>
  expect(isCrossSite(request(method, headers), ORIGIN)).toBe(true),
);

test.each([
  ["GET", { cookie: "s=1", origin: "https://evil.example" }],
  ["HEAD", { cookie: "s=1" }],
  ["POST", { cookie: "s=1", origin: ORIGIN }],
  ["POST", { cookie: "s=1", "sec-fetch-site": "same-origin" }],
  ["POST", {}],
  ["POST", { origin: "https://mail.example", authorization: "Bearer x" }],
])("%s with %j passes", (method, headers) =>
  expect(isCrossSite(request(method, headers), ORIGIN)).toBe(false),
);

test.each([
  ["POST", { origin: "https://evil.example" }, true],
  ["POST", { origin: "null", "sec-fetch-site": "cross-site" }, true],
  ["POST", { "sec-fetch-site": "cross-site" }, true],
  ["POST", { origin: ORIGIN }, false],
  ["POST", { "sec-fetch-site": "same-origin" }, false],
  ["POST", {}, false],
  ["GET", { "sec-fetch-site": "cross-site" }, false],
] as const)("%s with %j may sign a visitor of another site in: %s", (method, headers, expected) =>
  expect(isCrossSiteSignIn(request(method, headers), ORIGIN)).toBe(expected),
);
