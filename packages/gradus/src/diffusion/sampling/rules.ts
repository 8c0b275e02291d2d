import type { DenseMatrix } from "../../linalg/matrix.ts";
import type { ForwardProcess, ReverseStep } from "../processes/contract.ts";

/** What a rule knows of its step, backward from time `from` to `to`. */
export interface ReverseStepInput {
  readonly process: ForwardProcess;
  readonly from: number;
  readonly to: number;
  /** n x d, not to be modified. */
  readonly points: DenseMatrix;
  /** n x d standard normal numbers; empty for a deterministic rule. */
  readonly noise: Float64Array;
  /** The score at a time of the step, n x d, checked to be finite and of the right size. */
  score(time: number, points: DenseMatrix): Promise<Float64Array>;
}

/** How a step in reverse time moves the points. */
export interface ReverseRule {
  readonly name: string;
  /** Whether it uses noise. */
  readonly stochastic: boolean;
  /** The points after the step, n x d. */
  step(input: ReverseStepInput): Promise<Float64Array>;
}

const NONE = new Float64Array(0);

/** factor y + shift + weight s + deviation z, entry by entry; without noise if z is empty. */
function affine(
  { factor, shift, score: weight, deviation }: ReverseStep,
  y: Float64Array,
  s: Float64Array,
  z: Float64Array,
): Float64Array<ArrayBuffer> {
  const moved = new Float64Array(y.length);
  for (let k = 0; k < y.length; k++) moved[k] = factor * y[k] + shift + weight * s[k];
  for (let k = 0; k < z.length; k++) moved[k] += deviation * z[k];
  return moved;
}

/**
 * One step of Euler-Maruyama of the reverse-time equation,
 *
 *     y <- y + delta (-rate y - drift + g s(t, y)) + sqrt(g delta) Z,     g = diffusion(t), at t = from.
 *
 * Source: Anderson 1982, "Reverse-time diffusion equation models".
 */
const eulerMaruyama: ReverseRule = {
  name: "euler-maruyama",
  stochastic: true,
  async step({ process, from, to, points, noise, score }) {
    const delta = from - to;
    const g = process.diffusion(from);
    const step = {
      factor: 1 - delta * process.rate(from),
      shift: -delta * process.drift(from),
      score: delta * g,
      deviation: Math.sqrt(delta * g),
    };
    return affine(step, points.values, await score(from, points), noise);
  },
};

/** The exact solution of the reverse-time equation with the score held over the step. */
const exponential: ReverseRule = {
  name: "exponential",
  stochastic: true,
  async step({ process, from, to, points, noise, score }) {
    return affine(process.reverseStep(from, to), points.values, await score(from, points), noise);
  },
};

/**
 * One step of Heun's method on the probability flow  dy/dt = rate y + drift - g s(t, y) / 2, which has the marginals of
 * the process without noise; two scores a step.
 * Source: Song et al. 2021, equation 13; Karras et al. 2022, algorithm 1.
 */
const probabilityFlow: ReverseRule = {
  name: "probability-flow",
  stochastic: false,
  async step({ process, from, to, points, score }) {
    const delta = from - to;
    const { rows, columns } = points;
    const slope = async (t: number, at: DenseMatrix) => {
      const linear = {
        factor: -process.rate(t),
        shift: -process.drift(t),
        score: process.diffusion(t) / 2,
        deviation: 0,
      };
      return affine(linear, at.values, await score(t, at), NONE);
    };
    const { values } = points;
    const first = await slope(from, points);
    const guess = new Float64Array(values.length);
    for (let k = 0; k < values.length; k++) guess[k] = values[k] + delta * first[k];
    const second = await slope(to, { rows, columns, values: guess });
    for (let k = 0; k < values.length; k++) guess[k] = values[k] + (delta / 2) * (first[k] + second[k]);
    return guess;
  },
};

/** The rules by name. */
export const reverseRules = {
  "euler-maruyama": eulerMaruyama,
  exponential,
  "probability-flow": probabilityFlow,
} satisfies Record<string, ReverseRule>;

/** The name of one of `reverseRules`. */
export type ReverseRuleName = keyof typeof reverseRules;
