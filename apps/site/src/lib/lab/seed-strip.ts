import type { Condition } from "@gradus/papers";

/** Where dots, the wanted side and the condition's lines stand on a strip of width 1. */
export interface StripLayout {
  /** From 0 to 1, infinity at an end; undefined for NaN. */
  readonly dots: readonly (number | undefined)[];
  readonly own: readonly (number | undefined)[];
  /** Of other readers: at the edge where they lie outside of what the others span. */
  readonly readers: readonly (number | undefined)[];
  /** From and to. */
  readonly wanted: readonly [number, number];
  /** Where the condition's bounds stand, and their values. */
  readonly lines: readonly { readonly place: number; readonly value: number }[];
}

/** Values whose largest is this many times the smallest are laid out by their logarithms. */
const LOGARITHMIC = 50;
/** Left and right of what is shown. */
const MARGIN = 0.06;

/** Where infinity is drawn, and figures of other readers that lie outside. */
const EDGE = 0.02;

/** The interval in which the condition is met. */
function wantedInterval(condition: Condition): readonly [number, number] {
  if ("atMost" in condition) return [Number.NEGATIVE_INFINITY, condition.atMost];
  if ("below" in condition) return [Number.NEGATIVE_INFINITY, condition.below];
  if ("atLeast" in condition) return [condition.atLeast, Number.POSITIVE_INFINITY];
  if ("above" in condition) return [condition.above, Number.POSITIVE_INFINITY];
  if ("equals" in condition) return [condition.equals, condition.equals];
  return condition.between;
}

/**
 * Lays out the figures of seeds, those of the reader's own runs and those that other readers sent, against a condition.
 * What others sent does not change where the official figures stand.
 */
export function stripLayout(
  condition: Condition,
  measured: readonly number[],
  own: readonly number[] = [],
  readers: readonly number[] = [],
): StripLayout {
  const interval = wantedInterval(condition);
  const bounds = interval.filter(Number.isFinite);
  const shown = [...measured, ...own, ...bounds].filter(Number.isFinite);
  const [least, most] = [Math.min(...shown), Math.max(...shown)];
  const scale = least > 0 && most > LOGARITHMIC * least ? Math.log : (value: number) => value;
  const [from, to] = [scale(least), scale(most)];
  // a difference of finite numbers may be infinite
  const unit = Number.isFinite(to - from) ? 1 : 1 / 4;
  const share = (value: number) => (unit * scale(value) - unit * from) / (unit * to - unit * from);
  const place = (value: number) => (to > from ? MARGIN + (1 - 2 * MARGIN) * share(value) : 0.5);
  const dot = (value: number) => {
    if (value === Number.NEGATIVE_INFINITY) return EDGE;
    if (value === Number.POSITIVE_INFINITY) return 1 - EDGE;
    return Number.isNaN(value) ? undefined : place(value);
  };
  const edge = (value: number, open: number) => (Number.isFinite(value) ? place(value) : open);
  return {
    dots: measured.map(dot),
    own: own.map(dot),
    readers: readers.map((value) => {
      const at = dot(value);
      // Nothing has a place where a logarithm has no value.
      return at === undefined || Number.isNaN(at) ? undefined : Math.min(1 - EDGE, Math.max(EDGE, at));
    }),
    wanted: [edge(interval[0], 0), edge(interval[1], 1)],
    lines: [...new Set(bounds)].map((value) => ({ place: place(value), value })),
  };
}
