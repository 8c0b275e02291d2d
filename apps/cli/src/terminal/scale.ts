import { formatFigure } from "@gradus/papers";

/** Maps data to [0, 1] along an axis, and knows where its ticks are. */
export interface Scale {
  /** The position of a value, or NaN where the axis cannot show it. */
  position(value: number): number;
  readonly ticks: readonly { readonly value: number; readonly label: string }[];
}

function extent(values: Iterable<number>): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : [0, 1];
}

// Values that differ by less than this share of their size stand on one place: rounding is all that parts them.
const INDISTINCT = 1e-9;
// Below this, doubles have too few digits to be divided into ticks.
const TINY = 1e-300;
// `formatFigure` shows this many.
const FIGURE_DIGITS = 4;

/** Labels with as many digits as tell ticks `step` apart. */
function labelled(values: readonly number[], step: number): Scale["ticks"] {
  const largest = Math.max(...values.map(Math.abs));
  const digits = Math.floor(Math.log10(largest / step) + INDISTINCT) + 1;
  return values.map((value) => ({
    value,
    label:
      digits > FIGURE_DIGITS && value !== 0 ? value.toPrecision(Math.min(digits, 12)) : formatFigure(value),
  }));
}

/** The step of the form 1, 2 or 5 times a power of ten that cuts `span` into about `count` parts. */
export function niceStep(span: number, count: number): number {
  const raw = span / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const lead = raw / power;
  // Geometric means of neighboring factors, so that the count is off by the same ratio either way.
  const factor = lead < Math.sqrt(2) ? 1 : lead < Math.sqrt(10) ? 2 : lead < Math.sqrt(50) ? 5 : 10;
  return factor * power;
}

/** A linear axis over the finite values, with about `count` round ticks. */
export function linearScale(values: Iterable<number>, count: number): Scale {
  const finite = [...values].filter(Number.isFinite);
  let [low, high] = extent(finite);
  const size = Math.max(Math.abs(low), Math.abs(high));
  if (high - low <= Math.max(INDISTINCT * size, TINY)) {
    const margin = size > TINY ? size / 2 : 1;
    low -= margin;
    high += margin;
  }
  // Halves, because the difference of two doubles may be too large for one.
  const half = high / 2 - low / 2;
  const position = (value: number) => (Number.isFinite(value) ? (value / 2 - low / 2) / half : Number.NaN);
  const step = niceStep(2 * half, Math.max(1, count));
  if (!Number.isFinite(step)) return { position, ticks: labelled([low, high], high) };
  const ticks: number[] = [];
  const last = Math.floor(high / step + INDISTINCT);
  for (let k = Math.ceil(low / step - INDISTINCT); k <= last; k++)
    ticks.push(Number((k * step).toPrecision(12)));
  return { position, ticks: labelled(ticks, step) };
}

/** A logarithmic axis over the positive finite values; ticks at powers of ten, or 1, 2, 5 within few decades. */
export function logScale(values: Iterable<number>, count: number): Scale {
  const positive = [...values].filter((value) => value > 0 && Number.isFinite(value));
  let [low, high] = extent(positive.length > 0 ? positive : [1]).map(Math.log10);
  if (high - low < INDISTINCT) {
    low -= 0.5;
    high += 0.5;
  }
  const first = Math.ceil(low - INDISTINCT);
  const last = Math.floor(high + INDISTINCT);
  const ticks: number[] = [];
  if (last - first >= 2) {
    const step = Math.max(1, Math.ceil((last - first) / Math.max(1, count)));
    for (let k = Math.ceil(first / step) * step; k <= last; k += step) ticks.push(k);
  } else {
    for (let k = first - 1; k <= last; k++)
      for (const digit of [1, 2, 5]) {
        const tick = k + Math.log10(digit);
        if (tick >= low - INDISTINCT && tick <= high + INDISTINCT) ticks.push(tick);
      }
  }
  const span = high - low;
  return {
    position: (value) =>
      value > 0 && Number.isFinite(value) ? (Math.log10(value) - low) / span : Number.NaN,
    ticks: ticks.map((exponent) => {
      const value = Number((10 ** exponent).toPrecision(6));
      return { value, label: formatFigure(value) };
    }),
  };
}
