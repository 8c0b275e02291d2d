import { expect, test } from "vitest";
import { keptForm, unavailablePage } from "./unavailable-page.ts";

const ADDRESS = "https://papers.example.org/submit?/check&from=a%22b";
const HEADERS = { accept: "text/html,*/*;q=0.8", "content-type": "application/x-www-form-urlencoded" };

function sent(body: string, more: Readonly<Record<string, string>> = {}): Request {
  const headers = { ...HEADERS, "content-length": String(Buffer.byteLength(body)), ...more };
  return new Request(ADDRESS, { method: "POST", body, headers });
}

test("the page has every field as it was sent, in its order, and sends it to the same address", async () => {
  const typed = [
    ["paper", "2611.00001"],
    ["note", 'Worth a "look" <b>& more\r\nü 🙂'],
    ["topics", "convex"],
    ["topics", "generative"],
    ['a"><script>', ""],
  ];
  const request = sent(new URLSearchParams(typed).toString());
  const form = keptForm(request);
  // The route reads the request itself.
  await request.text();
  if (!form) throw new Error("the form is not kept");
  const page = await unavailablePage(form);
  expect([page.status, page.headers.get("retry-after")]).toEqual([503, "10"]);
  const html = await page.text();
  const plain = (text: string) =>
    text.replaceAll("&quot;", '"').replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
  const fields = [...html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)];
  expect(fields.map(([, name, value]) => [plain(name), plain(value)])).toEqual(typed);
  expect(plain(/<form method="post" action="([^"]*)">/.exec(html)?.[1] ?? "")).toBe(
    "/submit?/check&from=a%22b",
  );
  expect(html).not.toContain("<script>");
});

test.each([
  ["a file", { "content-type": "multipart/form-data; boundary=x" }],
  ["a program's request", { accept: "application/json" }],
  ["a large form", { "content-length": "65537" }],
])("%s is not kept", (_name, more) => {
  expect(keptForm(sent("a=b", more))).toBeUndefined();
});

test("a page that is only read is not kept", () => {
  expect(keptForm(new Request(ADDRESS, { headers: HEADERS }))).toBeUndefined();
});
