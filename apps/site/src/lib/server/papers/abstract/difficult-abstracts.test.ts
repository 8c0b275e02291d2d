import { expect, test } from "vitest";
import { bibtex } from "../bibtex.ts";
import { isAllowedHtml } from "./allow-list.ts";
import { ABSTRACTS } from "./difficult-abstracts-testing.ts";
import { readableLine } from "./readable-line.ts";
import { renderAbstract } from "./render.ts";

test.each(ABSTRACTS)("%j reads %j", (source, text) => {
  expect(renderAbstract(source, "source").text).toBe(text);
});

/** Every piece of MathML or text that a reader sees, the entities read once. */
const seen = (html: string) =>
  html
    .replace(/<[^>]+>/g, " ")
    .replace(
      /&(lt|gt|quot|amp|#39);/g,
      (_, name) => ({ lt: "<", gt: ">", quot: '"', amp: "&" })[name as "lt"] ?? "'",
    );

test.each(ABSTRACTS)("the page has no command, no open element and no entity twice for %j", (source) => {
  const { html, excerptHtml } = renderAbstract(source, "source");
  for (const part of [html, excerptHtml]) {
    expect(isAllowedHtml(part)).toBe(true);
    expect(seen(part)).not.toMatch(/\\[a-zA-Z]/);
    expect(part).not.toMatch(/<code>/);
    if (!source.includes("&amp;")) expect(part).not.toMatch(/&amp;(?:amp|lt|gt|quot|#)/);
  }
});

test("a command of a formula that its authors defined is shown by its name", () => {
  const { html, text } = renderAbstract("$\\calL(\\theta) + \\reg$", "source");
  expect(html).toMatch(/^<math/);
  expect(text).toBe("calL(θ) + reg");
});

test.each(ABSTRACTS)("as a title, BibTeX has braces in pairs and no TeX of its own for %j", (source) => {
  const entry = bibtex({
    arxivId: "2611.00001",
    title: readableLine(source),
    authors: ["Ada Lovelace"],
    publishedAt: new Date("2026-11-01T00:00:00Z"),
    primaryCategory: "cs.LG",
  });
  const title = /title\s+= \{(.*)\},\n/.exec(entry)?.[1] ?? "";
  // Escaped braces do not count for TeX, but do for BibTeX, which knows no escapes.
  const depth = [...title.replace(/\\[{}]/g, "")].reduce(
    (at, c) => (at < 0 ? at : at + (c === "{" ? 1 : c === "}" ? -1 : 0)),
    0,
  );
  expect(depth).toBe(0);
  expect(title).not.toMatch(/\\textbackslash/);
});

test("commands that are called like properties of every object are not known for that", () => {
  const { text } = renderAbstract("\\constructor{x} and \\toString and $\\constructor{x}$", "source");
  expect(text).toBe("x and \\toString and constructor(x)");
});
