import { afterEach, expect, test, vi } from "vitest";
import { htmlOf, withoutHtml } from "./sent-html.ts";
import type { ListEntry } from "./views.ts";

const html = { title: "<mark>Newton</mark> steps", excerpt: "About <em>steps</em>…" };
const entry: ListEntry = {
  rank: 1,
  arxivId: "2412.08424",
  title: "Newton steps",
  html,
  authors: ["Ada Lovelace"],
  moreAuthors: 0,
  authorsCount: "1 author",
  published: { label: "Dec 11, 2024", instant: "2024-12-11T00:00:00.000Z" },
  category: null,
  codeUrl: null,
  votes: 0,
  topics: [],
};

afterEach(() => vi.unstubAllGlobals());

test("what is left out of an entry is still known to who renders it", () => {
  const sent = withoutHtml(entry);
  expect(JSON.stringify(sent)).not.toContain("steps…");
  expect(sent).toEqual({ ...entry, html: undefined });
  expect(htmlOf(sent)).toEqual(html);
});

test("data asked for alone have it", () => {
  expect(htmlOf(entry)).toBe(html);
});

test("a browser takes it from the page that came with the data, and keeps it when that is drawn anew", () => {
  const parts: Record<string, string> = {
    "h2 > a": "<!----><mark>Newton</mark> steps<!---->",
    ".abstract": "<!--[0--><!---->About <em>steps</em>…<!----><!--]-->",
  };
  const article = { querySelector: (selector: string) => ({ innerHTML: parts[selector] }) };
  vi.stubGlobal("document", { getElementById: (id: string) => (id === entry.arxivId ? article : null) });
  const received = structuredClone(withoutHtml(entry));
  expect(htmlOf(received)).toEqual(html);
  vi.stubGlobal("document", { getElementById: () => null });
  expect(htmlOf(received)).toEqual(html);
  expect(htmlOf(structuredClone(received))).toEqual({ title: "", excerpt: "" });
});
