import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { displayWidth, formatDuration, outOf, padStart, paragraph, truncate, words, wrap } from "./text.ts";

fc.configureGlobal({ seed: 1, numRuns: 300 });

describe("displayWidth", () => {
  it("counts cells, not code units", () => {
    expect(displayWidth("Lê")).toBe(2);
    expect(displayWidth("Le\u0302")).toBe(2);
    expect(displayWidth("● ◆")).toBe(3);
    expect(displayWidth("𝛼")).toBe(1);
    expect(displayWidth("論文")).toBe(4);
    expect(displayWidth("\u001B[1m\u001B[38;2;1;2;3mbold\u001B[39m\u001B[22m")).toBe(4);
  });
});

it("counts parts of one and of several", () => {
  expect(outOf(0, 1, "run")).toBe("0 of 1 run");
  expect(outOf(1, 4, "run")).toBe("1 of 4 runs");
});

describe("wrap", () => {
  it("breaks between words, and within a word only if it is too long", () => {
    expect(wrap("one two  three", 8)).toEqual(["one two", "three"]);
    expect(wrap("a abcdefghij b", 4)).toEqual(["a", "abcd", "efgh", "ij b"]);
    expect(wrap("no\u00A0break here", 8)).toEqual(["no\u00A0break", "here"]);
    expect(wrap("", 5)).toEqual([""]);
  });

  it("keeps every word in order within the width", () => {
    const text = fc.array(fc.string({ unit: "grapheme", maxLength: 30 }), { maxLength: 12 });
    fc.assert(
      fc.property(text, fc.integer({ min: 2, max: 40 }), (pieces, width) => {
        const joined = pieces.join(" ");
        const lines = wrap(joined, width);
        expect(lines.every((line) => displayWidth(line) <= width)).toBe(true);
        expect(words(lines.join(" ")).join("")).toBe(words(joined).join(""));
      }),
    );
  });
});

it("truncates with an ellipsis, never in the middle of a wide character", () => {
  expect(truncate("abcdef", 4)).toBe("abc…");
  expect(truncate("abcd", 4)).toBe("abcd");
  expect(truncate("論文論文", 4)).toBe("論…");
  expect(truncate("abc", 0)).toBe("");
});

it("pads by cells", () => {
  expect(padStart("論", 4)).toBe("  論");
});

it("indents a paragraph behind its first words", () => {
  expect(paragraph("one two three", 9, "04  ")).toEqual(["04  one", "    two", "    three"]);
});

it("shows durations in a suitable unit", () => {
  const said = [0.004, 0.4, 1, 9.94, 12.4, 75, 180, 3599, 4800, 7200].map(formatDuration);
  expect(said).toEqual([
    "4 ms",
    "0.4 s",
    "1 s",
    "9.9 s",
    "12 s",
    "75 s",
    "3 min",
    "1 h",
    "1 h 20 min",
    "2 h",
  ]);
});
