import { expect, test } from "vitest";
import { apiDocsView } from "./api-docs-view.ts";
import { api } from "./app.ts";
import { openApiDocument, operationsOf } from "./openapi.ts";

test("pages of other sites may read, and nothing else", async () => {
  for (const path of ["/api/v1/papers", "/feed.atom", "/api/nothing"]) {
    const { status, headers } = await api.request(path, { method: "OPTIONS" }, {});
    expect(status).toBe(204);
    expect(headers.get("access-control-allow-origin")).toBe("*");
    expect(headers.get("access-control-allow-methods")).toBe("GET,HEAD,OPTIONS");
    expect(headers.has("access-control-allow-credentials")).toBe(false);
  }
});

test("another method is refused, and so is a path without a route", async () => {
  const posted = await api.request("/api/v1/papers/math/0611800/bibtex", { method: "POST" }, {});
  expect(posted.status).toBe(405);
  expect(posted.headers.get("allow")).toBe("GET, HEAD, OPTIONS");
  expect(await posted.json()).toMatchObject({ error: { code: "method_not_allowed" } });
  const unknown = await api.request("/api/v1/nothing", { method: "POST" }, {});
  expect(unknown.status).toBe(404);
  expect(await unknown.json()).toMatchObject({ error: { code: "not_found" } });
});

test("the route that answered is told, also where another matches, and where a request is refused", async () => {
  const told = async (path: string, method = "GET") => {
    const routes: string[] = [];
    await api.request(path, { method }, { tellRoute: (route: string) => routes.push(route) });
    return routes;
  };
  expect(await told("/api/papers/search?limit=none")).toEqual(["/api/papers/search"]);
  expect(await told("/api/v1/papers", "DELETE")).toEqual(["/*"]);
  expect(await told("/api/nothing")).toEqual(["/*"]);
});

test("the document says each parameter once: its example beside it, a list as repeated parameters", () => {
  const { paths } = openApiDocument(api, "http://localhost");
  const parameters = paths["/api/v1/papers"].get?.parameters ?? [];
  expect(parameters.find(({ name }) => name === "limit")).toEqual({
    name: "limit",
    in: "query",
    required: false,
    description: "Papers per page, at most 100.",
    schema: { type: "integer", minimum: 1, maximum: 100, default: 50 },
    example: 3,
  });
  expect(parameters.find(({ name }) => name === "topic")).toMatchObject({
    schema: { type: "array", maxItems: 20 },
    example: ["convex"],
    style: "form",
    explode: true,
  });
});

test("the documentation is made of the whole document", () => {
  const { paths, components } = openApiDocument(api, "http://localhost");
  const { groups, schemas } = apiDocsView("http://localhost");
  const shown = groups.flatMap(({ operations }) => operations.map(({ method, path }) => `${method} ${path}`));
  const documented = operationsOf({ paths }).map(({ method, path }) => `${method.toUpperCase()} ${path}`);
  expect(shown.sort()).toEqual(documented.sort());
  expect(new Set(documented.map((line) => line.split(" ")[1]))).toEqual(new Set(Object.keys(paths)));
  expect(schemas.map(({ name }) => name)).toEqual(Object.keys(components.schemas));
  const paper = schemas.find(({ name }) => name === "DailyPaper");
  expect(paper?.fields.find(({ name }) => name === "isAuthorParticipating")?.type).toBe("always false");
});
