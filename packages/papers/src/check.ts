import type { Ground } from "./ground.ts";

/** What a measured figure must satisfy. */
export type Condition =
  | { readonly atMost: number }
  | { readonly atLeast: number }
  | { readonly below: number }
  | { readonly above: number }
  | { readonly equals: number }
  | { readonly between: readonly [number, number] };

/** One measured figure and the condition that its claim must meet. */
export interface Check {
  /** The claim's id in its paper, such as `C2`; null where it is our own check, which no claim rests on. */
  readonly claim: string | null;
  /** The quantity, in words, with its unit: the same at every seed. */
  readonly label: string;
  readonly measured: number;
  readonly condition: Condition;
  /** What the condition rests on. */
  readonly ground: Ground;
  readonly held: boolean;
}

/** A claim that this measurement cannot decide. */
export interface Undecided {
  readonly claim: string;
  /** The reason, in one sentence: what is left out, too small or missing. */
  readonly reason: string;
}

/** A judgment of the findings. */
export type Judgment = Check | Undecided;

/** True when `measured` meets `condition`; never for NaN. */
export function meets(measured: number, condition: Condition): boolean {
  if ("atMost" in condition) return measured <= condition.atMost;
  if ("atLeast" in condition) return measured >= condition.atLeast;
  if ("below" in condition) return measured < condition.below;
  if ("above" in condition) return measured > condition.above;
  if ("equals" in condition) return measured === condition.equals;
  return measured >= condition.between[0] && measured <= condition.between[1];
}

/** Compares a measured figure with the condition of a claim. */
export function check(
  claim: string,
  label: string,
  measured: number,
  condition: Condition,
  ground: Ground,
): Check {
  return { claim, label, measured, condition, ground, held: meets(measured, condition) };
}

/**
 * Compares a measured figure with a condition that is not a claim of the paper: a check of our tools, a control, or an
 * extension. It is shown separately and does not count toward a verdict.
 */
export function ourCheck(label: string, measured: number, condition: Condition, ground: Ground): Check {
  return { claim: null, label, measured, condition, ground, held: meets(measured, condition) };
}

/** This measurement does not decide the claim: a part is left out, the size is too small, or data are missing. */
export function inconclusive(claim: string, reason: string): Undecided {
  return { claim, reason };
}

/** Judgments by kind: figures against conditions, and claims left undecided. */
export function sortJudgments(judgments: readonly Judgment[]): {
  readonly checks: readonly Check[];
  readonly undecided: readonly Undecided[];
} {
  const checks: Check[] = [];
  const undecided: Undecided[] = [];
  for (const judgment of judgments)
    if ("condition" in judgment) checks.push(judgment);
    else undecided.push(judgment);
  return { checks, undecided };
}

/** As `formatFigure`, with as many significant digits, one fewer beside an exponent. */
export function formatDigits(value: number, digits: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  const minus = value < 0 ? "−" : "";
  if (Number.isInteger(value) && size < 1e6) return minus + size.toLocaleString("en-US");
  if (size >= 1e6 || size < 1e-3) {
    const [mantissa, exponent] = size.toExponential(digits - 2).split("e");
    return `${minus}${mantissa.replace(/\.?0+$/, "")}e${Number(exponent)}`;
  }
  return minus + withThousands(Number(size.toPrecision(digits)));
}

/** A figure for display: four significant digits, short exponents, no trailing zeros. */
export function formatFigure(value: number): string {
  return formatDigits(value, 4);
}

const withThousands = (size: number) =>
  size < 1000 ? String(size) : size.toLocaleString("en-US", { maximumFractionDigits: 15 });

/** Three significant digits, whole from 100 on; four next to 1 and 100, which shares and percentages do not reach. */
function rounded(value: number): number {
  if (!Number.isFinite(value)) return value;
  const size = Math.abs(value);
  if (size >= 100) return Math.round(value);
  return Number(value.toPrecision((size > 0.99 && size < 1) || size > 99 ? 4 : 3));
}

/** A figure for a sentence: as `formatFigure`, with three significant digits, or whole from 100 on. */
export function formatRounded(value: number): string {
  return formatFigure(rounded(value));
}

/** Digits that tell any two numbers of float64 apart, beside an exponent too. */
const ALL_DIGITS = 18;

/** A measured figure beside its condition: rounded for a sentence, with more digits where the text would change sides. */
export function formatMeasured(value: number, condition: Condition): string {
  const isHeld = meets(value, condition);
  let text = formatRounded(value);
  const told = () => Number(text.replace("−", "-").replaceAll(",", ""));
  for (let digits = 4; digits <= ALL_DIGITS && meets(told(), condition) !== isHeld; digits++)
    text = formatDigits(value, digits);
  return text;
}

/** The condition as text, such as `at most 0.5` or `0.95 to 1.05`. */
export function formatCondition(condition: Condition): string {
  if ("atMost" in condition) return `at most ${formatFigure(condition.atMost)}`;
  if ("atLeast" in condition) return `at least ${formatFigure(condition.atLeast)}`;
  if ("below" in condition) return `below ${formatFigure(condition.below)}`;
  if ("above" in condition) return `above ${formatFigure(condition.above)}`;
  if ("equals" in condition) return `exactly ${formatFigure(condition.equals)}`;
  return condition.between.map(formatFigure).join(" to ");
}
