import { dualActivation, type Unit } from "@gradus/blas/kernels";
import { checkFinite } from "../check/numbers.ts";
import type { DualActivation } from "./dual-activation.ts";

/** Writes E f(u) f(v) into out[0] and E f'(u) f'(v) into out[1]. */
type DualPair = (k11: number, k12: number, k22: number, out: Float64Array) => void;

/** A dual evaluated by one call per pair, which takes 1.5 to 2 times as long as a dedicated loop. */
function dualOf(name: string, pair: DualPair): DualActivation {
  const out = new Float64Array(2);
  return {
    name,
    evaluate({ k11, k12, k22, covariance, derivative }) {
      for (let i = 0; i < k12.length; i++) {
        pair(k11[i], k12[i], k22[i], out);
        covariance[i] = out[0];
        derivative[i] = out[1];
      }
    },
  };
}

/** A dual whose recursion over layers is compiled for whole rows of a kernel. */
export interface CompiledDual extends DualActivation {
  readonly unit: Unit;
}

/** Whether the recursion of a dual is compiled. */
export const isCompiled = (dual: DualActivation): dual is CompiledDual => "unit" in dual;

const compiledDual = (name: string, unit: Unit): CompiledDual => ({
  name,
  unit,
  evaluate: (pairs) => dualActivation(unit, pairs),
});

/** sin and cos differ in the sign of the second exponential; both stay finite where sinh and cosh overflow. */
function waves(k11: number, k12: number, k22: number, out: Float64Array): void {
  const mean = (k11 + k22) / 2;
  const largest = Math.exp(Math.abs(k12) - mean) / 2;
  const size = Math.abs(k12);
  out[0] = -Math.sign(k12) * largest * Math.expm1(-2 * size);
  out[1] = largest * (1 + Math.exp(-2 * size));
}

/** (1 + 2 k11)(1 + 2 k22) - 4 k12^2, without the cancellation of its largest terms where u and v are the same. */
const determinant = (k11: number, k12: number, k22: number) =>
  1 + 2 * (k11 + k22) + 4 * Math.max(0, k11 * k22 - k12 * k12);

/**
 * Duals in closed form: ReLU and step (Cho & Saul 2009), erf (Williams 1997), trigonometric and Gaussian units from the
 * moment-generating function, polynomials from Isserlis' theorem.
 */
export const closedFormDuals = {
  relu: compiledDual("relu", { activation: "relu" }),
  erf: compiledDual("erf", { activation: "erf" }),
  identity: dualOf("identity", (_, k12, __, out) => {
    out[0] = k12;
    out[1] = 1;
  }),
  square: dualOf("square", (k11, k12, k22, out) => {
    out[0] = k11 * k22 + 2 * k12 * k12;
    out[1] = 4 * k12;
  }),
  sine: dualOf("sine", waves),
  cosine: dualOf("cosine", (k11, k12, k22, out) => {
    waves(k11, k12, k22, out);
    const sine = out[0];
    out[0] = out[1];
    out[1] = sine;
  }),
  /** f(z) = exp(-z^2) */
  gaussian: dualOf("gaussian", (k11, k12, k22, out) => {
    const D = determinant(k11, k12, k22);
    out[0] = 1 / Math.sqrt(D);
    out[1] = (4 * k12) / (D * Math.sqrt(D));
  }),
} satisfies Record<string, DualActivation>;

/** The name of an activation whose dual has a closed form. */
export type ClosedFormName = keyof typeof closedFormDuals;

/**
 * The dual of the leaky ReLU,  f(z) = max(z, 0) + slope min(z, 0) = (1 - slope) relu(z) + slope z.
 *
 * @throws ArgumentError unless slope is a finite number
 */
export function leakyReluDual(slope = 0.01): DualActivation {
  checkFinite({ slope });
  return compiledDual("leakyRelu", { activation: "relu", slope });
}
