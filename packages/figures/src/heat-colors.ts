import type { ColorScale, Matrix } from "@gradus/papers";

import { position } from "./svg.ts";

/** Color steps per hue: enough to look smooth, few enough to draw each as one path. */
const STEPS = 16;
/** Up to this fraction a color blends from the surface to its hue, beyond it from the hue to the ink. */
const TURN = 0.7;
/** Beyond this fraction, text in the surface's color is more legible than text in ink. */
const READABLE = 0.5;

/** The color scale of a heat map. */
export interface HeatScale {
  readonly low: number;
  readonly high: number;
  /** Number of colors. */
  readonly levels: number;
  /** Index of the color of a value. */
  level(value: number): number;
  /** A CSS color in the theme's variables; lightness is monotone, so the scale reads without hue. */
  color(level: number): string;
  /** Text color on that color. */
  ink(level: number): string;
}

/** The color at a fraction of the way from the surface to the extreme of a hue. */
function shade(share: number, hue: string, most: number): string {
  if (share <= TURN) return `color-mix(in srgb, ${hue} ${Math.round((100 * share) / TURN)}%, var(--surface))`;
  return `color-mix(in srgb, var(--ink) ${Math.round((most * (share - TURN)) / (1 - TURN))}%, ${hue})`;
}

/** One scale for all matrices; undefined when they have no finite value. */
export function heatScale(matrices: readonly Matrix[], kind: ColorScale["kind"]): HeatScale | undefined {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { values } of matrices)
    for (const value of values) {
      if (value === null || !Number.isFinite(value)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  if (low > high) return undefined;
  if (kind === "diverging") {
    const size = Math.max(-low, high) || 1;
    const share = (level: number) => (level - STEPS) / STEPS;
    return {
      low: -size,
      high: size,
      levels: 2 * STEPS + 1,
      level: (value) => STEPS + Math.round(STEPS * (value / size)),
      color: (level) =>
        shade(Math.abs(share(level)), share(level) < 0 ? "var(--series-2)" : "var(--series-1)", 35),
      ink: (level) => (Math.abs(share(level)) > READABLE ? "var(--surface)" : "var(--ink)"),
    };
  }
  if (low === high) low = Math.min(0, low);
  const domain = [low, high > low ? high : low + Math.max(1, 2 * Number.EPSILON * -low)] as const;
  return {
    low,
    high: domain[1],
    levels: 2 * STEPS,
    level: (value) => Math.min(2 * STEPS - 1, Math.floor(2 * STEPS * position(value, domain, [0, 1]))),
    color: (level) => shade(level / (2 * STEPS - 1), "var(--series-1)", 75),
    ink: (level) => (level / (2 * STEPS - 1) > READABLE ? "var(--surface)" : "var(--ink)"),
  };
}
