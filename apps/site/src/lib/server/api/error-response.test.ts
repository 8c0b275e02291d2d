import { expect, test } from "vitest";
import { errorPage } from "../pages/error-page.ts";
import { errorResponse } from "./error-response.ts";

const message = "The server is overloaded; try again in a second.";
const refused = (path: string, accept = "*/*") =>
  errorResponse(
    new Request(`https://papers.example.org${path}`, { headers: { accept } }),
    "overloaded",
    message,
  );

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

test.each(["/papers", "/papers/2412.08424"])(
  "%s is refused in a sentence, to a browser on a page",
  async (path) => {
    const response = refused(path);
    expect(response.status).toBe(503);
    expect(response.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(await response.text()).toBe(`${message}\n`);
    const page = refused(path, "text/html,application/xhtml+xml,*/*;q=0.8");
    expect(page.status).toBe(503);
    expect(page.headers.get("retry-after")).toBe("1");
    expect(page.headers.get("cache-control")).toBe("no-store");
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    const html = await page.text();
    expect(html).toContain("<h1>Temporarily unavailable</h1>");
    expect(html).toContain(`<p>${message}</p>`);
  },
);

test("an error page is well-formed, whatever its message holds", () => {
  const html = errorPage({ status: 418, message: `<b> & "x"` });
  expect(html).toContain("<h1>Something went wrong</h1>");
  expect(html).toContain("<p>&lt;b&gt; &amp; &quot;x&quot;</p>");
});

test.for([
  [403, "Request refused"],
  [413, "Request too large"],
  [414, "URL too long"],
  [429, "Too many requests"],
  [500, "Something went wrong"],
] as const)("an error page says what %i means", ([status, heading]) => {
  const html = errorPage({ status, message: "A sentence." });
  expect(html).toContain(`<title>${heading} · gradus</title>`);
  expect(html).toContain(`<h1>${heading}</h1>`);
});
