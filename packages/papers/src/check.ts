/** What a measured figure must satisfy. */
export type Condition =
  | { readonly atMost: number }
  | { readonly atLeast: number }
  | { readonly below: number }
  | { readonly above: number }
  | { readonly equals: number }
  | { readonly between: readonly [number, number] };

/** One measured figure set against the condition that its claim must meet. */
export interface Check {
  /** The claim's id in its paper, such as `C2`. */
  readonly claim: string;
  /** What was measured, in words. */
  readonly label: string;
  readonly measured: number;
  readonly condition: Condition;
  readonly held: boolean;
}

/** True when `measured` meets `condition`; never for NaN. */
export function meets(measured: number, condition: Condition): boolean {
  if ("atMost" in condition) return measured <= condition.atMost;
  if ("atLeast" in condition) return measured >= condition.atLeast;
  if ("below" in condition) return measured < condition.below;
  if ("above" in condition) return measured > condition.above;
  if ("equals" in condition) return measured === condition.equals;
  return measured >= condition.between[0] && measured <= condition.between[1];
}

/** Sets a measured figure against its condition. */
export function check(claim: string, label: string, measured: number, condition: Condition): Check {
  return { claim, label, measured, condition, held: meets(measured, condition) };
}

/** A figure as people read it: four significant digits, thin exponents, no trailing zeros. */
export function formatFigure(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  const minus = value < 0 ? "−" : "";
  if (Number.isInteger(value) && size < 1e6) return minus + size.toLocaleString("en-US");
  if (size >= 1e6 || size < 1e-3) {
    const [mantissa, exponent] = size.toExponential(2).split("e");
    return `${minus}${String(Number(mantissa))}e${Number(exponent)}`;
  }
  return minus + String(Number(size.toPrecision(4)));
}

/** The condition as text, such as `≤ 0.5` or `in [0.95, 1.05]`. */
export function formatCondition(condition: Condition): string {
  if ("atMost" in condition) return `≤ ${formatFigure(condition.atMost)}`;
  if ("atLeast" in condition) return `≥ ${formatFigure(condition.atLeast)}`;
  if ("below" in condition) return `< ${formatFigure(condition.below)}`;
  if ("above" in condition) return `> ${formatFigure(condition.above)}`;
  if ("equals" in condition) return `= ${formatFigure(condition.equals)}`;
  return `in [${condition.between.map(formatFigure).join(", ")}]`;
}
