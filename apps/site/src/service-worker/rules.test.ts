import { expect, test } from "vitest";
import { isKeepable, isWebAssembly, keeping, pageKey, pageOfData, ruleFor } from "./rules.ts";

const ORIGIN = "https://gradus.example";
const rule = (path: string, mode = "cors", method = "GET") =>
  ruleFor({ method, url: new URL(path, ORIGIN).href, mode }, ORIGIN);

test("files that never change come from the cache; pages come from the network first", () => {
  expect(rule("/_app/immutable/chunks/a1b2.js")).toBe("kept");
  expect(rule("/papers/2412.08424", "navigate")).toBe("page");
  expect(rule("/papers/2412.08424/__data.json")).toBe("page");
});

test.each([
  ["what changes something", "/papers", "navigate", "POST"],
  ["the API", "/api/v1/papers", "navigate", "GET"],
  ["another origin", "https://arxiv.org/abs/2412.08424", "navigate", "GET"],
  ["an account", "/account", "navigate", "GET"],
  ["its data", "/account/__data.json", "cors", "GET"],
  ["a sign-in link", "/sign-in/abc", "navigate", "GET"],
  ["the operator's pages", "/operator/jobs", "navigate", "GET"],
  ["the version", "/_app/version.json", "cors", "GET"],
  ["feeds that a page reads", "/feed.atom", "cors", "GET"],
])("%s passes by", (_, path, mode, method) => {
  expect(rule(path, mode, method)).toBe("network");
});

test("a paper's page is the same page whatever form its address fills; lists are not", () => {
  const key = (path: string) => pageKey(new URL(path, ORIGIN).href).slice(ORIGIN.length);
  expect(key("/papers/2412.08424?experiment=walk&seed=3#experiment-walk")).toBe("/papers/2412.08424");
  expect(key("/papers/math/0611800?run=1")).toBe("/papers/math/0611800");
  expect(key("/runs/compare?a=1&b=2")).toBe("/runs/compare");
  expect(key("/papers?q=hessian")).toBe("/papers?q=hessian");
  expect(key("/papers/date/2025-12-25?sort=new")).toBe("/papers/date/2025-12-25?sort=new");
});

test("of what a page has loaded only its files and pages of the site are kept", () => {
  expect(isKeepable(`${ORIGIN}/_app/immutable/a.js`, ORIGIN)).toBe(true);
  expect(isKeepable(`${ORIGIN}/papers/2412.08424`, ORIGIN)).toBe(true);
  expect(isKeepable(`${ORIGIN}/api/v1/papers`, ORIGIN)).toBe(false);
  expect(isKeepable("https://elsewhere.example/a.js", ORIGIN)).toBe(false);
});

test.each([
  [{}, "as it is"],
  [{ "cache-control": "no-cache" }, "as it is"],
  [{ "cache-control": "public,max-age=31536000,immutable" }, "as it is"],
  [{ "cache-control": "private, no-cache" }, "as for all"],
  [{ "cache-control": "no-store" }, "not"],
  [{ "cache-control": "private, no-store" }, "not"],
] as const)("an answer with %j is kept %s", (fields, how) => {
  const headers = new Headers(fields);
  expect(keeping({ ok: true, redirected: false, headers })).toBe(how);
  expect(keeping({ ok: false, redirected: false, headers })).toBe("not");
  expect(keeping({ ok: true, redirected: true, headers })).toBe("not");
});

test("WebAssembly is told by its address, whatever follows the path", () => {
  expect(isWebAssembly(`${ORIGIN}/_app/immutable/workers/assets/ort-a1b2.wasm`)).toBe(true);
  expect(isWebAssembly(`${ORIGIN}/_app/immutable/workers/assets/ort-a1b2.wasm?v=1`)).toBe(true);
  expect(isWebAssembly(`${ORIGIN}/_app/immutable/workers/wasm-glue.js`)).toBe(false);
});

test("a page is told by the address of its data, but for searches", () => {
  const of = (path: string) => pageOfData(new URL(path, ORIGIN).href)?.slice(ORIGIN.length);
  expect(of("/papers/trending/__data.json?x-sveltekit-invalidated=01")).toBe("/papers/trending");
  expect(of("/papers/__data.json?sort=new&x-sveltekit-invalidated=01")).toBe("/papers?sort=new");
  expect(of("/papers/__data.json?q=adam&x-sveltekit-invalidated=01")).toBeUndefined();
  expect(of("/papers/trending")).toBeUndefined();
});
