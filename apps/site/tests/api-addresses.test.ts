// What the API says to requests that are not as they should be: always in its own words, never a page.
import { request } from "node:http";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { apiOf, exampleAddress, operationsOf, readDocument, readsOf } from "./api-client.ts";
import { origin } from "./shared.ts";

const api = apiOf(origin);

const problem = z.strictObject({
  error: z.strictObject({ code: z.string(), message: z.string().min(10), field: z.string().optional() }),
});
const compatible = z.strictObject({ error: z.string().min(10) });

interface Raw {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

let readers = 0;

/** Sends a path byte by byte as it is written, which `fetch` would put right. */
function raw(path: string, method = "GET"): Promise<Raw> {
  readers += 1;
  return new Promise((resolve, reject) => {
    const headers = { "x-test-address": `10.7.${readers >> 8}.${readers & 255}` };
    request(new URL(origin), { path, method, headers }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        body += chunk;
      });
      response.once("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    })
      .once("error", reject)
      .end();
  });
}

/** Checks that an answer is a problem in the API's own shape, which pages of other sites can read. */
function expectProblem({ headers, body }: Raw, code: string): void {
  expect(headers["content-type"]).toBe("application/json");
  expect(headers["access-control-allow-origin"]).toBe("*");
  expect(headers["cache-control"]).toBe("no-store");
  expect(problem.parse(JSON.parse(body)).error.code).toBe(code);
}

describe("a path that is no text", () => {
  test.each([
    "/api/v1/papers/%zz",
    "/api/v1/papers/%",
    "/api/%ff",
    "/api/v1/papers/%E0%A4%A/related",
    "/feed.atom%c0%80",
  ])("%s is 400", async (path) => {
    const answer = await raw(path);
    expect(answer.status).toBe(400);
    expectProblem(answer, "invalid_address");
  });
  test("is told of as Hugging Face does where its client asks", async () => {
    const { status, headers, body } = await raw("/api/papers/%E0%A4%A");
    expect(status).toBe(400);
    expect(headers["x-error-message"]).toBe(compatible.parse(JSON.parse(body)).error);
  });
  test("among the pages stays a page", async () => {
    const { status, headers } = await raw("/papers/%zz");
    expect(status).toBe(400);
    expect(headers["content-type"]).toBe("text/html; charset=utf-8");
  });
});

test.each(["/api", "/api/v1", "/api/v2/papers", "/api/v1/nothing", "/api/v1/papers.json"])(
  "%s is 404, by whatever method, and a browser may ask for it",
  async (path) => {
    for (const method of ["GET", "POST", "DELETE"]) {
      const answer = await raw(path, method);
      expect(answer.status).toBe(404);
      expectProblem(answer, "not_found");
    }
    const preflight = await raw(path, "OPTIONS");
    expect(preflight.status).toBe(204);
    expect(preflight.headers["access-control-allow-origin"]).toBe("*");
  },
);

test("every method but GET, HEAD and OPTIONS is 405 everywhere, and told which there are", async () => {
  const document = await readDocument(api);
  const addresses = readsOf(document).map(({ path, parameters }) => exampleAddress(path, parameters));
  for (const address of [...addresses, "/api/openapi.json"])
    for (const method of ["POST", "PUT", "PATCH", "DELETE", "PROPFIND", "TRACE"]) {
      // Markdown is a page's, where the platform itself refuses this one.
      if (method === "TRACE" && address.endsWith(".md")) continue;
      const { status, headers, body } = await raw(address, method);
      expect(status, `${method} ${address}`).toBe(405);
      expect(headers.allow).toBe("GET, HEAD, OPTIONS");
      expect(headers["access-control-allow-origin"]).toBe("*");
      expect(JSON.parse(body)).toHaveProperty("error");
    }
  const reads = new Set(readsOf(document).map(({ path }) => path));
  for (const { path, method, parameters } of operationsOf(document)) {
    if (reads.has(path)) continue;
    const { status, headers } = await raw(exampleAddress(path, parameters), "PROPFIND");
    expect(status, path).toBe(405);
    expect(headers.allow).toContain(method.toUpperCase());
  }
});

test("a slash too many is led to the address without it, also from another site's page", async () => {
  for (const path of ["/api/v1/papers", "/api/v1/papers/2412.08424", "/api/daily_papers", "/feed.atom"]) {
    const { status, headers } = await raw(`${path}/`);
    expect(status).toBe(308);
    expect(headers["access-control-allow-origin"]).toBe("*");
    const target = new URL(String(headers.location), `${origin}${path}/`);
    expect(target.pathname).toBe(path);
  }
});

describe("parameters", () => {
  test("of several values the first counts; forms with brackets are unknown, as is what cannot be read", async () => {
    const usual = await api.json("/api/v1/papers?limit=2");
    expect(usual).toMatchObject({ papers: [{}, {}] });
    for (const query of [
      "limit=2&limit=x",
      "limit=2&limit[]=9",
      "limit=2&%zz=%zz",
      "limit=2&&=&limit=",
      "limit=2&__proto__=1",
    ])
      expect(await api.json(`/api/v1/papers?${query}`), query).toMatchObject({
        papers: [{ id: expect.any(String) }, { id: expect.any(String) }],
      });
    expect(await api.json("/api/v1/search?q=newton&q=%00")).toMatchObject({ query: "newton" });
  });

  test("as large as an address may be have an answer; a larger address is 414", async () => {
    for (const query of [
      `limit=${"9".repeat(7900)}`,
      `cursor=${"A".repeat(7900)}`,
      Array.from({ length: 700 }, (_, i) => `topic=t${i}`).join("&"),
    ]) {
      const answer = await raw(`/api/v1/papers?${query}`);
      expect(answer.status, query.slice(0, 20)).toBe(400);
      expectProblem(answer, "invalid_parameter");
      expect(answer.body.length).toBeLessThan(1000);
    }
    expect((await raw(`/api/v1/papers?${"topic=convex&".repeat(600)}`)).status).toBe(200);
    expect((await raw(`/api/v1/papers/${"a".repeat(8000)}`)).status).toBe(404);
    const long = await raw(`/api/v1/search?q=${"a".repeat(8200)}`);
    expect(long.status).toBe(414);
    expectProblem(long, "address_too_long");
    expect((await raw(`/papers?q=${"a".repeat(8200)}`)).headers["content-type"]).toBe(
      "text/plain; charset=utf-8",
    );
  });

  test("that hold what no column can are wrong, not a failure of the site", async () => {
    const cursor = (...place: unknown[]) => Buffer.from(JSON.stringify(place)).toString("base64url");
    const instant = "2025-12-25T00:00:00.000Z";
    for (const path of [
      "/api/daily_papers?submitter=%00",
      `/api/v1/papers?cursor=${cursor("new", instant, "\0")}`,
      `/api/v1/papers?cursor=${cursor("new", "0000-01-01T00:00:00.000Z", "2412.08424")}`,
      `/api/v1/papers?sort=top&cursor=${cursor("top", 2 ** 40, 1, instant, "2412.08424")}`,
      `/api/v1/papers?sort=trending&cursor=${cursor("trending", 1, -(2 ** 40), instant, "2412.08424")}`,
      `/api/v1/days?cursor=${cursor("0000-01-01")}`,
      `/api/v1/search?q=newton&cursor=${cursor(1e15)}`,
    ])
      expect((await api.get(path)).status, path).toBe(400);
    for (const path of [
      "/api/v1/experiments?paper=%00",
      "/api/v1/papers/%00",
      "/api/papers/%00",
      "/papers/%00.md",
    ])
      expect((await api.get(path)).status, path).toBe(404);
  });
});

test("HEAD has the fields of GET and no body", async () => {
  for (const path of [
    "/api/v1/papers",
    "/api/v1/topics",
    "/feed.atom",
    "/api/openapi.json",
    "/api/v1/nothing",
  ]) {
    const [get, head] = [await raw(path), await raw(path, "HEAD")];
    expect(head.status, path).toBe(get.status);
    expect(head.body).toBe("");
    for (const name of ["content-type", "etag", "cache-control", "vary", "access-control-allow-origin"])
      expect(head.headers[name], `${path} ${name}`).toBe(get.headers[name]);
  }
});

test("a method that HTTP does not have, and a request without a host, end with 400", async () => {
  const { port } = new URL(origin);
  const send = (text: string) =>
    new Promise<string>((resolve, reject) => {
      let answer = "";
      const socket = connect(Number(port), "127.0.0.1", () => socket.write(text));
      socket.setEncoding("utf8");
      socket.on("data", (chunk: string) => {
        answer += chunk;
      });
      socket.once("error", reject);
      socket.once("close", () => resolve(answer));
    });
  expect(await send("BREW /api/v1/papers HTTP/1.1\r\nHost: localhost\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
  expect(await send("GET /api/v1/papers HTTP/1.1\r\nConnection: close\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
});

test("an address that ends before its identifier says in words that there is none", async () => {
  const { status, body } = await raw("/api/papers");
  expect(status).toBe(404);
  expect(compatible.parse(JSON.parse(body)).error).toMatch(
    /^.api.papers does not exist; see .api.openapi.json/,
  );
  expect(body).not.toMatch(/expected string|undefined/);
});
