import { describe, expect, test } from "vitest";
import { escapeMarkdown, prefersMarkdown, segmentsMarkdown } from "./markdown.ts";

describe("an Accept field asks for Markdown", () => {
  test.each([
    ["text/markdown", true],
    ["text/markdown, text/html;q=0.9, */*;q=0.1", true],
    ["text/html;q=0.5, text/markdown;q=0.8", true],
    ["TEXT/Markdown; charset=utf-8", true],
    ["text/markdown, text/html", true],
    ["text/html, text/markdown", false],
    ["text/html, text/markdown;q=0.9", false],
    ["text/markdown;q=0", false],
    ["text/markdown;q=x", false],
    ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", false],
    ["*/*", false],
    ["text/*", false],
    ["", false],
  ])("%s: %s", (accept, wanted) => {
    expect(prefersMarkdown(accept)).toBe(wanted);
  });
  test("never by its absence", () => {
    expect(prefersMarkdown(null)).toBe(false);
  });
});

test("text stays text", () => {
  expect(escapeMarkdown("a*b_c [d](e) `f` <g> $h$ i|j \\")).toBe(
    "a\\*b\\_c \\[d\\](e) \\`f\\` \\<g> \\$h\\$ i\\|j \\\\",
  );
  expect(escapeMarkdown("# no heading\n- no list\n12. no number\n> no quote\n1.5 stays")).toBe(
    "\\# no heading\n\\- no list\n12\\. no number\n\\> no quote\n1.5 stays",
  );
});

test("formulas stand between dollar signs, emphasis between asterisks", () => {
  expect(
    segmentsMarkdown([
      { kind: "text", text: "as " },
      { kind: "math", tex: "\\gamma_t \\to \\infty", display: false },
      { kind: "text", text: ", " },
      { kind: "emphasis", children: [{ kind: "text", text: "dynamical * stability" }] },
      { kind: "math", tex: " x^2 ", display: true },
      { kind: "link", url: "https://example.org/a_b" },
    ]),
  ).toBe("as $\\gamma_t \\to \\infty$, *dynamical \\* stability*$$x^2$$<https://example.org/a_b>");
});
