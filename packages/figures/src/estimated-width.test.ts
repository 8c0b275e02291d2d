import fc from "fast-check";
import { expect, test } from "vitest";
import { estimatedWidth } from "./estimated-width.ts";

// Widths that Chromium measured in DejaVu Sans, the widest of the faces that stand in for a page's sans face.
test.each([
  ["The quick brown fox jumps over the lazy dog 0123456789", "400 12px", 350.06],
  ["AdaSketch-RK, relative rule, equilibrated", "400 12px", 243.74],
  ["digits 9:rest, step 100", "400 12px", 131.67],
  ["balanced accuracy", "600 12px", 125.28],
  ["digits 1v8", "600 12px", 66.98],
  ["tree partition", "600 12px", 91.2],
  ["WWW", "400 24px", 71.19],
])("%s in %s is about as wide as a browser draws it", (text, font, measured) => {
  const estimate = estimatedWidth(text, font);
  expect(estimate).toBeGreaterThanOrEqual(measured * 0.99);
  expect(estimate).toBeLessThanOrEqual(measured * 1.1);
});

test("widths add up, grow with the size, and accents take none", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.integer({ min: 6, max: 40 }), (a, b, size) => {
      const width = (text: string) => estimatedWidth(text, `400 ${size}px`);
      expect(width(a + b)).toBeCloseTo(width(a) + width(b), 9);
      expect(width(a)).toBeCloseTo(estimatedWidth(a, "400 1px") * size, 9);
    }),
    { seed: 3, numRuns: 100 },
  );
  expect(estimatedWidth("e\u0301", "400 12px")).toBe(estimatedWidth("e", "400 12px"));
});
