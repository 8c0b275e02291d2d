import { formatFigure } from "@gradus/papers";

const SUPERSCRIPTS: Readonly<Record<string, string>> = {
  "-": "⁻",
  "0": "⁰",
  "1": "¹",
  "2": "²",
  "3": "³",
  "4": "⁴",
  "5": "⁵",
  "6": "⁶",
  "7": "⁷",
  "8": "⁸",
  "9": "⁹",
};

/** The smallest interval that holds the values, widened when they are all equal; undefined when there are none. */
export function domainOf(
  values: Iterable<number>,
  scale: "linear" | "log" = "linear",
): [number, number] | undefined {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return undefined;
  if (low < high) return [low, high];
  if (scale === "log") return [low / 2, high * 2];
  const half = low === 0 ? 1 : Math.abs(low) / 2;
  return [low - half, high + half];
}

/** The interval widened to multiples of a round step (1, 2 or 5 times a power of ten), about `count` of them. */
export function niceDomain([low, high]: readonly [number, number], count: number): [number, number] {
  const raw = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5].find((m) => m * power >= raw * 0.999) ?? 10);
  // Multiplying a whole number of steps back is exact where the step is one; it rounds once where it is not.
  return [Math.floor(low / step + 1e-9) * step, Math.ceil(high / step - 1e-9) * step];
}

/** A power of ten as it is written on an axis: `10⁻³`. */
export function powerOfTen(exponent: number): string {
  return `10${[...String(exponent)].map((c) => SUPERSCRIPTS[c]).join("")}`;
}

/** Where a logarithmic axis is labelled, and how. */
export interface LogTicks {
  readonly values: readonly number[];
  label(value: number): string;
}

/**
 * At most `count` powers of ten between the ends, evenly spaced; where there are fewer than two, steps of 1, 2, 5
 * within a decade. Plain numbers from 0.01 to 1,000, powers of ten beyond.
 */
export function logTicks([low, high]: readonly [number, number], count: number): LogTicks {
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  const powers = last - first + 1;
  if (powers < 2) {
    const decades = [first - 2, first - 1, first, first + 1];
    const steps = decades.flatMap((e) => [1, 2, 5].map((m) => Number(`${m}e${e}`)));
    return { values: steps.filter((v) => v >= low && v <= high), label: formatFigure };
  }
  const every = Math.max(1, Math.ceil(powers / Math.max(2, count)));
  const values: number[] = [];
  for (let e = first; e <= last; e += every) values.push(Number(`1e${e}`));
  const plain = first >= -2 && last <= 3;
  return {
    values,
    label: (value) => (plain ? formatFigure(value) : powerOfTen(Math.round(Math.log10(value)))),
  };
}
