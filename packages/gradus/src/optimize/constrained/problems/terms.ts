import type { EqualityProblem } from "../problem.ts";

/** A function of one number with its first two derivatives. */
export interface ScalarFunction {
  value(t: number): number;
  slope(t: number): number;
  curvature(t: number): number;
}

/** Coefficients by variable, counted from 1 as the literature counts: { 1: 4, 3: -1 } is 4 x_1 - x_3. */
export type Coefficients = Readonly<Record<number, number>>;

/** A term of a closed form; value, gradient and Hessian follow from it exactly. */
export type Term =
  /** factor phi(coefficients^T x + offset). */
  | {
      readonly kind: "ridge";
      readonly factor: number;
      readonly phi: ScalarFunction;
      readonly coefficients: Coefficients;
      readonly offset: number;
    }
  /** factor prod_i x_i^exponents_i, exponents whole and >= 1; no variables: a constant. */
  | { readonly kind: "monomial"; readonly factor: number; readonly exponents: Coefficients };

/** t^k. */
const power = (k: number): ScalarFunction => ({
  value: (t) => t ** k,
  slope: (t) => k * t ** (k - 1),
  curvature: (t) => (k < 2 ? 0 : k * (k - 1) * t ** (k - 2)),
});

const sineFunction: ScalarFunction = {
  value: Math.sin,
  slope: Math.cos,
  curvature: (t) => -Math.sin(t),
};

const squaredSineFunction: ScalarFunction = {
  value: (t) => Math.sin(t) ** 2,
  slope: (t) => Math.sin(2 * t),
  curvature: (t) => 2 * Math.cos(2 * t),
};

/** ln(1 + t^2). */
const logOnePlusSquare: ScalarFunction = {
  value: (t) => Math.log1p(t * t),
  slope: (t) => (2 * t) / (1 + t * t),
  curvature: (t) => (2 * (1 - t * t)) / (1 + t * t) ** 2,
};

const ridge =
  (phi: ScalarFunction) =>
  (factor: number, coefficients: Coefficients, offset = 0): Term => ({
    kind: "ridge",
    factor,
    phi,
    coefficients,
    offset,
  });

/** factor (coefficients^T x + offset)^k. */
export const powerOf = (k: number, coefficients: Coefficients, offset = 0, factor = 1): Term =>
  ridge(power(k))(factor, coefficients, offset);
/** factor sin(coefficients^T x). */
export const sine = ridge(sineFunction);
/** factor sin^2(coefficients^T x). */
export const squaredSine = ridge(squaredSineFunction);
/** factor ln(1 + (coefficients^T x)^2). */
export const logarithm = ridge(logOnePlusSquare);
/** factor prod_i x_i^exponents_i. */
export const monomial = (factor: number, exponents: Coefficients): Term => ({
  kind: "monomial",
  factor,
  exponents,
});
/** coefficients^T x + offset. */
export const linear = (coefficients: Coefficients, offset = 0): Term => powerOf(1, coefficients, offset);

/** A term with its variables as arrays, counted from 0. */
interface Compiled {
  readonly variables: Int32Array;
  readonly numbers: Float64Array;
  readonly term: Term;
}

function compileTerm(term: Term): Compiled {
  const entries = Object.entries(term.kind === "ridge" ? term.coefficients : term.exponents);
  return {
    variables: Int32Array.from(entries, ([name]) => Number(name) - 1),
    numbers: Float64Array.from(entries, ([, number]) => number),
    term,
  };
}

function argument({ variables, numbers }: Compiled, offset: number, x: Float64Array): number {
  let t = offset;
  for (let k = 0; k < variables.length; k++) t += numbers[k] * x[variables[k]];
  return t;
}

/** prod_i x_i^(e_i - lowered), each variable k lowered as often as it is among `by`; with the factors of the derivative. */
function monomialDerivative(
  { variables, numbers }: Compiled,
  x: Float64Array,
  by: readonly number[],
): number {
  let product = 1;
  for (let k = 0; k < variables.length; k++) {
    let exponent = numbers[k];
    for (const place of by) {
      if (place !== k) continue;
      product *= exponent;
      exponent -= 1;
    }
    if (exponent !== 0) product *= exponent < 0 ? 0 : x[variables[k]] ** exponent;
  }
  return product;
}

/** A sum of terms, with derivatives that are added into arrays. */
function sumOfTerms(terms: readonly Term[]) {
  const compiled = terms.map(compileTerm);
  return {
    value(x: Float64Array): number {
      let sum = 0;
      for (const c of compiled)
        sum +=
          c.term.factor *
          (c.term.kind === "ridge"
            ? c.term.phi.value(argument(c, c.term.offset, x))
            : monomialDerivative(c, x, []));
      return sum;
    },
    addGradient(x: Float64Array, out: Float64Array): void {
      for (const c of compiled) {
        const { term, variables, numbers } = c;
        if (term.kind === "ridge") {
          const slope = term.factor * term.phi.slope(argument(c, term.offset, x));
          for (let k = 0; k < variables.length; k++) out[variables[k]] += slope * numbers[k];
        } else
          for (let k = 0; k < variables.length; k++)
            out[variables[k]] += term.factor * monomialDerivative(c, x, [k]);
      }
    },
    addHessian(x: Float64Array, weight: number, n: number, out: Float64Array): void {
      for (const c of compiled) {
        const { term, variables, numbers } = c;
        const scale = weight * term.factor;
        const bend = term.kind === "ridge" ? scale * term.phi.curvature(argument(c, term.offset, x)) : 0;
        for (let k = 0; k < variables.length; k++)
          for (let l = 0; l < variables.length; l++)
            out[variables[k] * n + variables[l]] +=
              term.kind === "ridge"
                ? bend * numbers[k] * numbers[l]
                : scale * monomialDerivative(c, x, [k, l]);
      }
    },
  };
}

/** The problem whose objective and constraints are sums of terms, with exact derivatives. */
export function problemOfTerms(
  n: number,
  objective: readonly Term[],
  constraints: readonly (readonly Term[])[],
): Required<Omit<EqualityProblem, "hessianVectorProduct" | "hessianFlops">> {
  const f = sumOfTerms(objective);
  const c = constraints.map(sumOfTerms);
  return {
    dimension: n,
    constraintCount: c.length,
    value: (x) => f.value(x),
    gradient(x) {
      const gradient = new Float64Array(n);
      f.addGradient(x, gradient);
      return gradient;
    },
    constraints: (x) => Float64Array.from(c, (constraint) => constraint.value(x)),
    jacobian(x) {
      const G = new Float64Array(c.length * n);
      c.forEach((constraint, i) => {
        constraint.addGradient(x, G.subarray(i * n, (i + 1) * n));
      });
      return { rows: c.length, columns: n, values: G };
    },
    hessianLagrangian(x, lambda) {
      const H = new Float64Array(n * n);
      f.addHessian(x, 1, n, H);
      c.forEach((constraint, i) => {
        constraint.addHessian(x, lambda[i], n, H);
      });
      return { rows: n, columns: n, values: H };
    },
  };
}
