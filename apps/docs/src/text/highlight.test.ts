import { expect, test } from "vitest";
import { highlight, highlightedLines } from "./highlight.ts";

const plain = (html: string) => html.replace(/<[^>]+>/g, "");

test("code keeps its text, and words of the language get a class", () => {
  const html = highlight("const a = 1;", "ts");
  expect(html).toContain('<span class="hljs-keyword">const</span>');
  expect(plain(html)).toBe("const a = 1;");
});

test("a language that is not known stays plain, and is escaped", () => {
  expect(highlight("<b>", "klingon")).toBe("&lt;b&gt;");
});

test("every line of a comment over several lines is whole", () => {
  const lines = highlightedLines("/* one\n   two */\nlet x = `a\nb`;", "ts");
  expect(lines.map(plain)).toEqual(["/* one", "   two */", "let x = `a", "b`;"]);
  for (const line of lines)
    expect(line.match(/<span/g)?.length ?? 0).toBe(line.match(/<\/span>/g)?.length ?? 0);
  expect(lines[1]).toContain("hljs-comment");
});
