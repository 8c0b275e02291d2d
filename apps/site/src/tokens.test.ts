import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

type Color = readonly [number, number, number];

const css = readFileSync(new URL("./tokens.css", import.meta.url), "utf8");

function parse(hex: string): Color {
  const channel = (from: number) => Number.parseInt(hex.slice(from, from + 2), 16);
  return [channel(1), channel(3), channel(5)];
}

/** What is said for readers who ask for more contrast. */
const highContrast = css.slice(css.indexOf("@media (prefers-contrast: more)"));

/** A token's color in the light (0) or the dark (1) scheme. */
function token(name: string, scheme: 0 | 1, sheet = css): Color {
  const match = new RegExp(`--${name}: light-dark\\((#[0-9a-f]{6}), (#[0-9a-f]{6})\\)`).exec(sheet);
  if (!match) throw new Error(`tokens.css has no color --${name}`);
  return parse(match[scheme + 1]);
}

function mix(a: Color, b: Color, share: number): Color {
  const channel = (i: 0 | 1 | 2) => a[i] * share + b[i] * (1 - share);
  return [channel(0), channel(1), channel(2)];
}

/** WCAG 2.2 relative luminance. */
function luminance(color: Color): number {
  const [r, g, b] = color.map((c) => {
    const s = c / 255;
    return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: Color, b: Color): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

test("black on white has a contrast of 21", () => {
  expect(contrast([0, 0, 0], [255, 255, 255])).toBeCloseTo(21);
});

for (const [scheme, name] of [
  [0, "light"],
  [1, "dark"],
] as const) {
  test.each(["ink", "muted", "accent", "held", "failed", "running"])(
    `${name}: %s can be read everywhere`,
    (text) => {
      for (const ground of ["page", "surface", "sunken"])
        expect(contrast(token(text, scheme), token(ground, scheme))).toBeGreaterThanOrEqual(4.5);
    },
  );
  test.each(["ink", "muted", "accent", "held", "failed", "running"])(
    `${name}: %s has a contrast of 7 where a reader asks for more`,
    (text) => {
      for (const ground of ["page", "surface", "sunken"])
        expect(contrast(token(text, scheme, highContrast), token(ground, scheme))).toBeGreaterThanOrEqual(7);
    },
  );
  test(`${name}: lines are seen everywhere where a reader asks for more contrast`, () => {
    for (const line of ["rule", "edge"])
      for (const ground of ["page", "surface", "sunken"])
        expect(contrast(token(line, scheme, highContrast), token(ground, scheme))).toBeGreaterThanOrEqual(3);
  });
  test(`${name}: a field's border is seen everywhere`, () => {
    for (const ground of ["page", "surface", "sunken"])
      expect(contrast(token("edge", scheme), token(ground, scheme))).toBeGreaterThanOrEqual(3);
  });
  test(`${name}: what is pressed can be read`, () => {
    expect(contrast(token("page", scheme), token("accent", scheme))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(token("accent", scheme), token("accent-soft", scheme))).toBeGreaterThanOrEqual(4.5);
  });
  test.each([1, 2, 3, 4, 5])(`${name}: series %i is seen as a line, and its label can be read`, (series) => {
    const color = token(`series-${series}`, scheme);
    const surface = token("surface", scheme);
    expect(contrast(color, surface)).toBeGreaterThanOrEqual(3);
    expect(contrast(mix(color, token("ink", scheme), 0.72), surface)).toBeGreaterThanOrEqual(4.5);
  });
}
