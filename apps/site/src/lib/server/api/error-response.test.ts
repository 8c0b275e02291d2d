import { expect, test } from "vitest";
import { errorResponse } from "./error-response.ts";

const message = "The server is overloaded; try again in a second.";
const refused = (path: string) => errorResponse(path, "overloaded", message);

test.each([
  ["/api/v1/papers/2412.08424", { code: "overloaded", message }],
  ["/feed.atom", { code: "overloaded", message }],
  ["/api/nothing", { code: "overloaded", message }],
  ["/api/daily_papers", message],
  ["/papers/2412.08424.md", message],
])("%s is refused as its operation tells of failures, to pages of other sites too", async (path, error) => {
  const response = refused(path);
  expect(response.status).toBe(503);
  expect(response.headers.get("retry-after")).toBe("1");
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(response.headers.get("access-control-allow-origin")).toBe("*");
  expect(await response.json()).toEqual({ error });
});

test("a reader is told in a sentence", async () => {
  for (const path of ["/papers", "/papers/2412.08424"]) {
    const response = refused(path);
    expect(response.status).toBe(503);
    expect(response.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(await response.text()).toBe(`${message}\n`);
  }
});
