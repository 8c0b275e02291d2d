import { BlasArgumentError } from "../errors.ts";
import { checkNumber } from "../options.ts";

/** The activation of an infinitely wide network: max(z, 0) + slope min(z, 0), slope 0 unless given, or erf(z). */
export type Unit = { readonly activation: "relu"; readonly slope?: number } | { readonly activation: "erf" };

/** How a unit is passed to compiled functions. */
export interface UnitCode {
  readonly activation: 0 | 1;
  readonly slope: number;
}

/** @throws BlasArgumentError for an activation that is unknown, and for a slope that is no number */
export function unitCode(unit: Unit): UnitCode {
  if (unit?.activation === "erf") return { activation: 1, slope: 0 };
  if (unit?.activation !== "relu")
    throw new BlasArgumentError(
      `unit must be { activation: "relu" } or { activation: "erf" }, got ${JSON.stringify(unit)}`,
    );
  const { slope = 0 } = unit;
  checkNumber("slope", slope);
  return { activation: 0, slope };
}
