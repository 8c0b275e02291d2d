import { formatDigits, formatFigure } from "@gradus/papers";
import { tickDigits } from "./tick-text.ts";

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

/** The nearest finite number. */
const finite = (value: number) => Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));

/**
 * The range of the values, widened when they are all equal, but not below zero for those that are not; undefined when
 * there are none.
 */
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
  // On a logarithmic axis neighboring numbers may have one place.
  const apart = scale === "log" ? Math.log10(low) < Math.log10(high) : low < high;
  if (apart) return [low, high];
  if (scale === "log") return [Math.max(low / 2, Number.MIN_VALUE), finite(high * 2)];
  // Counts begin at zero, and no axis of theirs shows fewer.
  if (low === 0) return [0, 1];
  const half = Math.abs(low) / 2;
  return [finite(low - half), finite(high + half)];
}

/** A power of ten that denormal numbers still hold to a percent. */
const LEAST_STEP = 1e-321;

/** The largest power of ten. */
const LARGEST_STEP = 1e308;

/** A round step (1, 2 or 5 times a power of ten) that divides an interval into about `count` parts. */
function roundStep([low, high]: readonly [number, number], count: number): number {
  const parts = Math.max(1, count);
  const width = high - low;
  // A difference of finite numbers may be infinite; below the least step, powers of ten come as 0.
  const raw = Math.max(LEAST_STEP, Number.isFinite(width) ? width / parts : high / parts - low / parts);
  const power = 10 ** Math.floor(Math.log10(raw));
  return Math.min(power * ([1, 2, 5].find((m) => m * power >= raw * 0.999) ?? 10), LARGEST_STEP);
}

/** The multiples of a step from one to another, rounded to digits that tell them apart; those that are the same are one. */
function multiplesOf(step: number, first: number, last: number): number[] {
  const places = Math.log10(Math.max(Math.abs(first), Math.abs(last), 1));
  const digits = Math.max(12, Math.min(17, Math.ceil(places) + 2));
  const values = Array.from({ length: last - first + 1 }, (_, i) =>
    finite(Number(((first + i) * step).toPrecision(digits))),
  );
  return values.filter((value, i) => i === 0 || value > values[i - 1]);
}

/** The interval widened to multiples of a round step that divides it into about `count` parts. */
export function niceDomain([low, high]: readonly [number, number], count: number): [number, number] {
  const step = roundStep([low, high], count);
  // Integer multiples of the step: exact when the step is an integer, else rounded once.
  return [finite(Math.floor(low / step + 1e-9) * step), finite(Math.ceil(high / step - 1e-9) * step)];
}

/** About `count` multiples of a round step within an interval. */
export function linearTicks([low, high]: readonly [number, number], count: number): number[] {
  const step = roundStep([low, high], count);
  const slack = 1e-9 * step;
  return multiplesOf(step, Math.ceil(low / step - 1e-9), Math.floor(high / step + 1e-9)).filter(
    (tick) => tick >= low - slack && tick <= high + slack,
  );
}

/**
 * An interval widened to multiples of a round step, and those multiples: `most` steps at most, or where there is no such
 * step as few as there can be.
 */
export function sparseTicks(range: readonly [number, number], most: number) {
  let count = Math.max(1, most);
  const steps = () => {
    const [low, high] = niceDomain(range, count);
    const step = roundStep(range, count);
    return Math.round(high / step - low / step);
  };
  while (count > 1 && steps() > most) count -= 1;
  const domain = niceDomain(range, count);
  const step = roundStep(range, count);
  const first = Math.round(domain[0] / step);
  return { domain, ticks: multiplesOf(step, first, first + steps()) };
}

/** A power of ten as an axis label: `10⁻³`. */
export function powerOfTen(exponent: number): string {
  return `10${[...String(exponent)].map((c) => SUPERSCRIPTS[c]).join("")}`;
}

/** Tick values of a logarithmic axis and their labels. */
export interface LogTicks {
  readonly values: readonly number[];
  label(value: number): string;
}

/** Multiples of powers of ten that label an axis of few decades, from dense to sparse. */
const MULTIPLES = [[1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3, 4, 6, 8], [1, 2, 5], [1, 3], [1]] as const;
/** Fewest labels that show the scale of an axis. */
const FEWEST = 3;

/** Multiples of powers of ten on an axis, from dense to sparse: 1, 2 and 5, then 1 and 3, then powers alone. */
export function familiarTicks([low, high]: readonly [number, number]): number[][] {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const decades = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  return MULTIPLES.slice(2).map((multiples) =>
    decades.flatMap((e) => multiples.map((m) => Number(`${m}e${e}`))).filter((v) => v >= low && v <= high),
  );
}

/** A number as an axis label, with some significant digits: plain when short, else `2·10⁻⁷`. */
function figureOnAxis(value: number, digits: number): string {
  if (value >= 1e-3 && value < 1e6) return formatDigits(value, digits);
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
  const times = Number(mantissa) === 1 ? "" : `${Number(mantissa)}·`;
  return times + powerOfTen(Number(exponent));
}

/** Parts of an interval that are tried at most: among the least numbers there are no rounder ones. */
const MOST_PARTS = 64;

/** About `count` round steps within a decade, as on a linear axis; more when fewer than three would fit. */
function evenTicks(domain: readonly [number, number], count: number): number[] {
  const ticks = linearTicks(domain, count);
  if (ticks.length >= FEWEST) return ticks;
  return count > MOST_PARTS ? [...domain] : evenTicks(domain, 2 * count);
}

/**
 * Ticks of a logarithmic axis: at most about `count` evenly spaced powers of ten, aligned with 10⁰. With fewer than
 * three powers of ten, multiples of them (1, 2, 5 or whatever gives at least three labels), else round steps. Labels
 * are plain numbers from 0.01 to 1,000 and powers of ten beyond.
 */
export function logTicks([low, high]: readonly [number, number], count: number): LogTicks {
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  const powers = last - first + 1;
  if (powers < FEWEST) {
    const decades = Array.from({ length: powers + 2 }, (_, i) => first - 1 + i);
    const within = MULTIPLES.map((multiples) => {
      // The least numbers are so few that several multiples are one.
      const values = new Set(decades.flatMap((e) => multiples.map((m) => Number(`${m}e${e}`))));
      return [...values].filter((v) => v >= low && v <= high);
    });
    const enough = within.filter(({ length }) => length >= FEWEST);
    const fitting = enough.filter(({ length }) => length <= Math.max(FEWEST, count));
    // 1, 2, 5 when they fit; else sparser multiples before denser ones.
    const [dense, denser, familiar, ...sparse] = within;
    const values = [familiar, ...sparse, denser, dense].find((one) => fitting.includes(one));
    const chosen = values ?? enough.at(-1) ?? evenTicks([low, high], count);
    const step = Math.min(...chosen.slice(1).map((value, i) => value - chosen[i]));
    const digits = tickDigits(high, step);
    return { values: chosen, label: (value) => figureOnAxis(value, digits) };
  }
  const least = Math.max(1, Math.ceil(powers / Math.max(2, count)));
  // Over many decades, exponents are multiples of five: 10⁻³⁰, 10⁻²⁰, 10⁻¹⁰ rather than 10⁻³⁹, 10⁻²⁶, 10⁻¹³.
  const every = least > 6 ? Math.ceil(least / 5) * 5 : least;
  const values: number[] = [];
  for (let e = Math.ceil(first / every) * every; e <= last; e += every) values.push(Number(`1e${e}`));
  const plain = first >= -2 && last <= 3;
  return {
    values,
    label: (value) => (plain ? formatFigure(value) : powerOfTen(Math.round(Math.log10(value)))),
  };
}
