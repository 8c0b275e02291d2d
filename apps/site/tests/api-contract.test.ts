import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { beforeAll, describe, expect, test } from "vitest";
import {
  type ApiDocument,
  type ApiParameter,
  apiOf,
  endpointPaths,
  exampleAddress,
  type Method,
  operationsOf,
  readDocument,
  readsOf,
} from "./api-client.ts";
import { origin } from "./shared.ts";

const api = apiOf(origin);
let document: ApiDocument;
let ajv: Ajv2020;

beforeAll(async () => {
  document = await readDocument(api);
  ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema({ $id: "https://api.test/document", components: document.components });
});

/** What a body breaks of the schema that is published for an answer. */
function violations(schema: Readonly<Record<string, unknown>>, body: unknown): unknown[] {
  const reference = typeof schema.$ref === "string" ? schema.$ref : "";
  const validate = ajv.getSchema(`https://api.test/document${reference}`);
  if (!validate) throw new Error(`no schema ${reference}`);
  validate(body);
  return validate.errors ?? [];
}

/** Checks an answer against what is published of it. */
async function expectDocumented(path: string, response: Response, method: Method = "get"): Promise<unknown> {
  const described = document.paths[path][method]?.responses[response.status];
  expect(described, `${path} answers with ${response.status}`).toBeDefined();
  const [[type, { schema }]] = Object.entries(described?.content ?? {});
  expect(response.headers.get("content-type")?.split(";")[0]).toBe(type);
  const text = await response.text();
  if (type !== "application/json") return text;
  const body: unknown = JSON.parse(text);
  expect(violations(schema, body), `${path} ${response.status}`).toEqual([]);
  return body;
}

const operations = () => readsOf(document);

describe("the document", () => {
  test("is valid OpenAPI 3.1", async () => {
    const validator = new Validator();
    const result = await validator.validate(await (await api.get("/api/openapi.json")).json());
    expect(result.errors).toBeUndefined();
    expect(result.valid).toBe(true);
    expect(validator.version).toBe("3.1");
  });

  test("has every route, and no other", () => {
    const routes = endpointPaths().filter((path) => path !== "/api/openapi.json");
    expect(routes.length).toBeGreaterThanOrEqual(17);
    expect(Object.keys(document.paths).sort()).toEqual(routes);
  });

  test("names operations once, and describes every parameter", () => {
    const all = operationsOf(document);
    const ids = all.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { path, parameters } of all)
      for (const { name, description } of parameters)
        expect(description.length, `${path} ${name}`).toBeGreaterThan(2);
  });
});

test("every operation answers its examples as documented", async () => {
  for (const { path, parameters } of operations()) {
    const withExamples = parameters.filter(({ example }) => example !== undefined);
    const choices: ApiParameter[][] = [[], ...withExamples.map((parameter) => [parameter])];
    for (const more of choices) {
      const address = exampleAddress(path, parameters, more);
      const response = await api.get(address);
      expect(response.status, address).toBe(200);
      await expectDocumented(path, response);
    }
  }
});

test("every value of a choice, and the bounds of every number, are answered as documented", async () => {
  for (const { path, parameters } of operations())
    for (const { name, in: place, schema } of parameters) {
      if (place === "path") continue;
      const words = Array.isArray(schema.enum) ? schema.enum : [];
      const values = [...words, schema.minimum, schema.maximum].filter((value) => value !== undefined);
      for (const value of values) {
        // A search has no list to be on top of, and a list no relevance.
        if (path.startsWith("/feed.") && value === "relevance") continue;
        const address = new URL(exampleAddress(path, parameters), "http://localhost");
        address.searchParams.set(name, String(value));
        const response = await api.get(`${address.pathname}${address.search}`);
        expect(response.status, address.href).toBe(200);
        await expectDocumented(path, response);
      }
    }
});

test("a wrong value of any checked parameter is 400, and names it, what it is and what it was", async () => {
  let checked = 0;
  for (const { path, parameters, responses } of operations()) {
    if (!responses[400]) continue;
    for (const { name, in: place, schema } of parameters) {
      if (place === "path" || name === "submitter" || name === "paper") continue;
      const address = new URL(exampleAddress(path, parameters), "http://localhost");
      const wrong = name === "q" ? "x".repeat(251) : schema.type === "array" ? "no-such" : "１ x";
      address.searchParams.set(name, wrong);
      const response = await api.get(`${address.pathname}${address.search}`);
      expect(response.status, address.href).toBe(400);
      const body = await expectDocumented(path, response);
      const said = JSON.stringify(body);
      expect(said).toMatch(new RegExp(`[“']${name}[”'] (?:must|has) `));
      // Fields of HTTP, which the compatible routes repeat, hold ASCII only.
      if (name !== "cursor") expect(said).toContain(name === "q" ? "251" : wrong.replace("１", "").trim());
      checked += 1;
    }
  }
  expect(checked).toBeGreaterThan(40);
});

test("a paper that is not here is 404 as documented, and so is what is no identifier", async () => {
  let checked = 0;
  for (const { path, responses } of operations())
    for (const id of ["2501.99999", "math/0611800", "nothing", "..%2F..", "%00"]) {
      if (!responses[404] || !path.includes("{id}")) continue;
      const response = await api.get(path.replace("{id}", id));
      expect(response.status, `${path} ${id}`).toBe(404);
      await expectDocumented(path, response);
      checked += 1;
    }
  expect(checked).toBe(30);
  const unknown = await api.get("/api/v1/experiments?paper=2501.99999");
  expect(unknown.status).toBe(404);
  expect(await unknown.json()).toMatchObject({ error: { code: "not_found", field: "paper" } });
});

test("a copy that is still right is 304; other sites may read; copies may be kept for a minute", async () => {
  for (const { path, parameters } of operations()) {
    const address = exampleAddress(path, parameters);
    const first = await api.get(address, { "accept-encoding": "gzip" });
    const large = Buffer.byteLength(await first.text()) >= 1024;
    expect(first.headers.get("content-encoding"), address).toBe(large ? "gzip" : null);
    expect(first.headers.get("vary"), address).toMatch(/\bAccept-Encoding\b/);
    const tag = first.headers.get("etag");
    expect(tag, address).toMatch(/^W\/"[\w-]{22}"$/);
    for (const response of [first, await api.get(address, { "if-none-match": `"other", ${tag}` })]) {
      expect(response.headers.get("etag")).toBe(tag);
      expect(response.headers.get("access-control-allow-origin")).toBe("*");
      expect(response.headers.get("cache-control")).toBe("public, max-age=60, stale-if-error=86400");
    }
    const again = await api.get(address, { "if-none-match": tag ?? "" });
    expect(again.status, address).toBe(304);
    expect(await again.text()).toBe("");
    expect((await api.get(address, { "if-none-match": '"other"' })).status).toBe(200);
    const head = await api.send(address, { method: "HEAD" });
    expect(head.status).toBe(200);
    expect(head.headers.get("etag")).toBe(tag);
    expect(await head.text()).toBe("");
  }
});

test("preflights are answered; other methods are 405", async () => {
  const addresses = operations().map(({ path, parameters }) => exampleAddress(path, parameters));
  for (const address of [...addresses, "/api/openapi.json"]) {
    const preflight = await api.send(address, {
      method: "OPTIONS",
      headers: { origin: "https://example.org", "access-control-request-method": "GET" },
    });
    expect(preflight.status, address).toBe(204);
    expect(preflight.headers.get("access-control-allow-methods")).toContain("GET");
    const posted = await api.send(address, {
      method: "POST",
      body: "{}",
      headers: { origin: origin },
    });
    expect(posted.status, address).toBe(405);
    expect(posted.headers.get("allow")).toBe("GET, HEAD, OPTIONS");
    expect(await posted.json()).toHaveProperty("error");
  }
});

test("an address has 120 requests a minute, an IPv6 network of 64 bits counting as one; feeds are not counted", async () => {
  const from = (last: number) => ({ "x-test-address": `2001:db8:7:7::${last.toString(16)}` });
  // Not all at once: beyond its queue the site would refuse them for another reason.
  const answers: Response[] = [];
  for (let i = 0; i < 120; i += 40)
    answers.push(
      ...(await Promise.all(Array.from({ length: 40 }, (_, j) => api.get("/api/v1/topics", from(i + j))))),
    );
  const [first, ...others] = answers;
  for (const response of [first, ...others]) {
    expect(response.status).toBe(200);
    expect(response.headers.get("ratelimit-limit")).toBe("120");
    await response.arrayBuffer();
  }
  const left = others.map(({ headers }) => Number(headers.get("ratelimit-remaining")));
  expect(Math.min(...left)).toBe(0);
  for (const path of ["/api/v1/topics", "/api/daily_papers", "/papers/{id}.md"]) {
    const refused = await api.get(path.replace("{id}", "2412.08424"), from(1000));
    expect(refused.status).toBe(429);
    const seconds = Number(refused.headers.get("retry-after"));
    expect(seconds).toBeGreaterThanOrEqual(1);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(refused.headers.get("ratelimit-reset")).toBe(String(seconds));
    await expectDocumented(path, refused);
  }
  expect((await api.get("/feed.atom", from(1001))).status).toBe(200);
  expect((await api.get("/api/v1/topics", { "x-test-address": "2001:db8:7:8::1" })).status).toBe(200);
});
