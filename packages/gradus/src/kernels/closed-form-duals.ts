import { checkFinite } from "../check/numbers.ts";
import type { DualActivation } from "./dual-activation.ts";

/** Writes E f(u) f(v) into out[0] and E f'(u) f'(v) into out[1]. */
type DualPair = (k11: number, k12: number, k22: number, out: Float64Array) => void;

/** A dual by a call a pair, which takes half as long again or twice as long as a loop of its own. */
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

const TWO_PI = 2 * Math.PI;

/**
 * The angle t between u and v comes from its tangent, since arccos(k12 / q) loses half the digits near identical inputs: q
 * sin t is the root and q cos t is k12. Its share (pi - t) / 2 pi needs no difference where v is near -u.
 */
const relu: DualActivation = {
  name: "relu",
  evaluate({ k11, k12, k22, covariance, derivative }) {
    for (let i = 0; i < k12.length; i++) {
      const inner = k12[i];
      const root = Math.sqrt(Math.max(k11[i] * k22[i] - inner * inner, 0));
      let share = inner < 0 ? 0 : 0.5;
      if (root > 0) {
        const angle = Math.atan(root / inner);
        share = (angle < 0 ? 0 : 0.5) - angle / TWO_PI;
      }
      covariance[i] = root / TWO_PI + share * inner;
      derivative[i] = share;
    }
  },
};

const erf: DualActivation = {
  name: "erf",
  evaluate({ k11, k12, k22, covariance, derivative }) {
    for (let i = 0; i < k12.length; i++) {
      const norms = (1 + 2 * k11[i]) * (1 + 2 * k22[i]);
      covariance[i] = (2 / Math.PI) * Math.asin((2 * k12[i]) / Math.sqrt(norms));
      derivative[i] = 4 / Math.PI / Math.sqrt(norms - 4 * k12[i] * k12[i]);
    }
  },
};

/** sin and cos differ by the sign of the second exponential; both stay finite where sinh and cosh do not. */
function waves(k11: number, k12: number, k22: number, out: Float64Array): void {
  const mean = (k11 + k22) / 2;
  const largest = Math.exp(Math.abs(k12) - mean) / 2;
  const size = Math.abs(k12);
  out[0] = -Math.sign(k12) * largest * Math.expm1(-2 * size);
  out[1] = largest * (1 + Math.exp(-2 * size));
}

const determinant = (k11: number, k12: number, k22: number) => (1 + 2 * k11) * (1 + 2 * k22) - 4 * k12 * k12;

/**
 * Duals in closed form: rectified linear and step (Cho and Saul, 2009), erf (Williams, 1997), trigonometric and
 * Gaussian units from the moment-generating function, polynomials from Isserlis' theorem.
 */
export const closedFormDuals = {
  relu,
  erf,
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
 * The dual of the leaky rectifier  f(z) = max(z, 0) + slope min(z, 0) = (1 - slope) relu(z) + slope z.
 *
 * @throws ArgumentError unless slope is a finite number
 */
export function leakyReluDual(slope = 0.01): DualActivation {
  checkFinite({ slope });
  const bend = (1 - slope) ** 2;
  return {
    name: "leakyRelu",
    evaluate(pairs) {
      relu.evaluate(pairs);
      const { k12, covariance, derivative } = pairs;
      for (let i = 0; i < k12.length; i++) {
        covariance[i] = bend * covariance[i] + slope * k12[i];
        derivative[i] = bend * derivative[i] + slope;
      }
    },
  };
}
