import { describe, expect, test } from "vitest";
import { previewSvg, wrapped } from "./picture.ts";

const content = {
  title: "Step <sizes> & noise",
  authors: "Ada One, Bea Two",
  published: "June 16, 2025",
  topics: ["Convex"],
};

describe("a text in lines", () => {
  test("breaks between words, and says whether all of it is there", () => {
    expect(wrapped("one two three", 7, 2)).toEqual({ lines: ["one two", "three"], whole: true });
    expect(wrapped("one two three four", 7, 2)).toEqual({ lines: ["one two", "three…"], whole: false });
    expect(wrapped("incomprehensibilities", 7, 2)).toEqual({ lines: ["incomp…"], whole: false });
  });
});

test("claims are marks with words, in the paper's order", () => {
  const svg = previewSvg({ ...content, verdicts: ["held", "did not hold", "mixed", "not run"] });
  expect(svg).toContain("Step &lt;sizes&gt; &amp; noise");
  expect(svg).toContain("1 of 4 claims held, 1 mixed, 1");
  const marks = [...svg.matchAll(/<(circle|rect)[^>]* fill="(none|#1b7a4b|#b23a1e)"/g)].map(
    ([, shape, fill]) => `${shape} ${fill}`,
  );
  expect(marks).toEqual(["circle #1b7a4b", "rect #b23a1e", "rect none", "circle none"]);
});

test("a figure stands in the light, whatever its reader prefers", () => {
  const figure =
    "<svg width='9'><style>@media(prefers-color-scheme:dark){}</style><title>t</title><g/></svg>";
  const svg = previewSvg({ ...content, verdicts: ["held"], figure });
  expect(svg).toMatch(/<svg x="584" y="\d+(\.\d+)?" width='9'><g\/><\/svg>/);
});
