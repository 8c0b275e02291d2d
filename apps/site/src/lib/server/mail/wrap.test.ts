import fc from "fast-check";
import { expect, test } from "vitest";
import { wrapped } from "./wrap.ts";

test("a line ends at 76 characters, and a link is never broken", () => {
  expect(wrapped(`${"a".repeat(75)} b c`)).toBe(`${"a".repeat(75)}\nb c`);
  expect(wrapped(`${"a".repeat(74)} b c`)).toBe(`${"a".repeat(74)} b\nc`);
  const link = `https://papers.example.org/u/${"x".repeat(80)}`;
  expect(wrapped(`see ${link} now`)).toBe(`see\n${link}\nnow`);
  expect(wrapped("one\n\ntwo", "  ")).toBe("  one\n\n  two");
});

test("a line does not end at a space that does not break, as in a number or before a reference", () => {
  expect(wrapped(`${"a".repeat(70)} Fig.\u00a03 of 4\u2009000`)).toBe(
    `${"a".repeat(70)}\nFig.\u00a03 of 4\u2009000`,
  );
});

test("nothing but space is changed, and only words longer than a line make longer lines", () => {
  const word = fc.stringMatching(/^[a-zé🙂]{1,90}$/u);
  fc.assert(
    fc.property(fc.array(word, { maxLength: 60 }), fc.constantFrom("", "   "), (words, indent) => {
      const lines = wrapped(words.join(" "), indent).split("\n");
      expect(lines.join(" ").split(/\s+/).filter(Boolean)).toEqual(words);
      for (const line of lines) if (/\s/.test(line.trim())) expect([...line].length).toBeLessThanOrEqual(76);
    }),
  );
});
