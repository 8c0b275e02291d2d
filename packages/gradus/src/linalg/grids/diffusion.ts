import { checkFiniteVector, checkLength } from "../../check/arrays.ts";
import { ArgumentError, DataError } from "../../check/errors.ts";
import { checkPositive } from "../../check/numbers.ts";
import { checkGivenOptions, checkOneOf } from "../../check/options.ts";
import type { GridBoundary, GridOperator } from "./contract.ts";
import { operatorOfCouplings } from "./couplings.ts";
import { type GridDomain, gridDomain } from "./domain.ts";

export interface PoissonOptions {
  /** Cells along each of 1 to 3 axes, the slowest first: [rows, columns], [planes, rows, columns]. */
  readonly shape: readonly number[];
  /** 1 or true in the cells of obstacles, row-major. */
  readonly solid?: ArrayLike<number | boolean>;
  /** `neumann` by default. */
  readonly boundary?: GridBoundary;
}

export interface DiffusionOptions extends PoissonOptions {
  /** A positive number for each cell, row-major; what it is in solid cells does not matter. */
  readonly coefficients: Float64Array;
  /** Lengths of a cell along the axes; 1 each by default. */
  readonly spacing?: readonly number[];
}

/** The couplings of all faces between active cells, and the diagonal that goes with them. */
function couple(
  { cells, shape, strides, active }: GridDomain,
  boundary: GridBoundary,
  between: (k: number, other: number, axis: number) => number,
  side: (k: number, axis: number) => number,
): { readonly couplings: readonly Float64Array[]; readonly diagonal: Float64Array } {
  const diagonal = new Float64Array(cells);
  const couplings = strides.map((stride, axis) => {
    const coupling = new Float64Array(cells);
    for (let k = 0; k < cells; k++) {
      if (active[k] === 0) continue;
      const place = Math.floor(k / stride) % shape[axis];
      const before = place > 0 && active[k - stride] === 1;
      const next = place < shape[axis] - 1 && active[k + stride] === 1;
      if (next) {
        coupling[k] = between(k, k + stride, axis);
        diagonal[k] += coupling[k];
        diagonal[k + stride] += coupling[k];
      }
      if (boundary === "dirichlet") diagonal[k] += (Number(!before) + Number(!next)) * side(k, axis);
    }
    return coupling;
  });
  return { couplings, diagonal };
}

/**
 * The negative Laplacian of the cells of a box in 1 to 3 dimensions, times the square of their length:
 *
 *     (A x)_k = c_k x_k - the sum of x over the cells beside cell k
 *
 * with c_k the number of these cells under Neumann conditions, twice the number of axes under Dirichlet conditions. With
 * Neumann conditions A is singular: its null space are the constants on each connected part, and `project` takes them
 * out of a right-hand side. Products and the passes of conjugate gradients run in WebAssembly.
 *
 * @throws ArgumentError, DataError naming the option that does not fit
 */
export function poissonOperator(options: PoissonOptions): GridOperator {
  checkGivenOptions("poissonOperator", options, ["shape", "solid", "boundary"]);
  const { shape, solid, boundary = "neumann" } = options;
  checkOneOf(["neumann", "dirichlet"], { boundary });
  const domain = gridDomain(shape, solid);
  const { couplings, diagonal } = couple(
    domain,
    boundary,
    () => 1,
    () => 1,
  );
  return operatorOfCouplings(domain, boundary, diagonal, couplings, true);
}

/** Twice the product over the sum of two positive numbers, which a product would overflow or lose. */
function harmonicMean(a: number, b: number): number {
  const least = Math.min(a, b);
  return least * (2 / (1 + least / Math.max(a, b)));
}

/**
 * The operator of -div(a grad u) on the cells of a box, a constant in each cell and h_i their lengths: neighbors j and k
 * along axis i are coupled by the harmonic mean of their coefficients, 2 a_j a_k / (a_j + a_k), over h_i^2 (a finite
 * volume scheme; Patankar 1980, section 4.2). At a side with Dirichlet conditions a cell is coupled by a_k / h_i^2 to
 * the value 0.
 *
 * @throws ArgumentError, DataError naming the option that does not fit, or the cell whose coefficient is not positive, or
 *   so large or small over the square of its lengths that float64 does not hold it
 */
export function diffusionOperator(options: DiffusionOptions): GridOperator {
  checkGivenOptions("diffusionOperator", options, ["shape", "solid", "boundary", "coefficients", "spacing"]);
  const { shape, solid, boundary = "neumann", coefficients } = options;
  checkOneOf(["neumann", "dirichlet"], { boundary });
  const domain = gridDomain(shape, solid);
  const { spacing = shape.map(() => 1) } = options;
  if (spacing.length !== shape.length)
    throw new ArgumentError(
      `spacing must have a length for each of ${shape.length} axes, got ${spacing.length}`,
    );
  checkPositive(Object.fromEntries(spacing.map((h, axis) => [`spacing[${axis}]`, h])));
  checkLength("coefficients", coefficients, domain.cells);
  checkFiniteVector("coefficients", coefficients);
  domain.active.forEach((active, k) => {
    if (active === 1 && !(coefficients[k] > 0))
      throw new DataError(`coefficients must be positive, got ${coefficients[k]} at index ${k}`);
  });
  const held = (coupling: number, k: number) => {
    if (coupling > 0 && coupling < Number.POSITIVE_INFINITY) return coupling;
    throw new DataError(
      `coefficients over squares of spacing must be numbers of float64, got ${coupling} at index ${k}; change the units`,
    );
  };
  const over = (coefficient: number, axis: number) => coefficient / spacing[axis] / spacing[axis];
  const { couplings, diagonal } = couple(
    domain,
    boundary,
    (k, other, axis) => held(over(harmonicMean(coefficients[k], coefficients[other]), axis), k),
    (k, axis) => held(over(coefficients[k], axis), k),
  );
  diagonal.forEach((sum, k) => {
    if (sum > 0) held(sum, k);
  });
  return operatorOfCouplings(domain, boundary, diagonal, couplings, false);
}
