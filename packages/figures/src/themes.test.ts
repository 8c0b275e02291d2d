import { describe, expect, test } from "vitest";
import { dark, light, resolveColor } from "./themes.ts";

/** Relative luminance, WCAG 2.2. */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

const series = ["series-1", "series-2", "series-3", "series-4", "series-5"] as const;

describe.each([
  ["light", light],
  ["dark", dark],
])("in the %s theme", (_, theme) => {
  test("text is read with a contrast of 4.5, lines are seen with one of 3 (WCAG 1.4.3, 1.4.11)", () => {
    for (const name of ["ink", "muted"] as const)
      expect(contrast(theme[name], theme.surface), name).toBeGreaterThanOrEqual(4.5);
    for (const name of series) {
      expect(contrast(theme[name], theme.surface), name).toBeGreaterThanOrEqual(3);
      const label = resolveColor(`color-mix(in srgb, var(--${name}) 72%, var(--ink))`, theme);
      expect(contrast(label, theme.surface), `label of ${name}`).toBeGreaterThanOrEqual(4.5);
    }
  });
});

test("colors are mixed channel by channel, and others stay", () => {
  expect(resolveColor("var(--series-1)", light)).toBe("#0072b2");
  // 0.5 (0, 114, 178) + 0.5 (28, 27, 24)
  expect(resolveColor("color-mix(in srgb, var(--series-1) 50%, var(--ink))", light)).toBe("#0e4765");
  expect(resolveColor("none", dark)).toBe("none");
  expect(resolveColor("var(--unknown)", dark)).toBe("var(--unknown)");
});
