import { abs, mul, neg, sigmoid, softmax, sqrt, sub, sum, type Tensor } from "@gradus/graph";
import { checkOptions } from "../check/options.ts";

/**
 * The Hessian S of a loss in the outputs f of the model, for each row, in closed form: what a Gauss-Newton matrix and
 * a Fisher matrix are made of.
 */
export interface OutputCurvature {
  /** S u for each row of u, of the shape of the outputs [rows, .., K]. */
  product(outputs: Tensor, u: Tensor): Tensor;
  /** B u for each row, where S = B B^T. */
  root(outputs: Tensor, u: Tensor): Tensor;
  /** The rank of S for K outputs. */
  rank(outputs: number): number;
}

const along = { axes: -1, keepDims: true } as const;

/** Cross-entropy of a softmax over the last axis, p = softmax(f):  S = diag(p) - p p^T = B B^T,  B = diag(sqrt p) - p sqrt(p)^T. */
export const softmaxCurvature: OutputCurvature = {
  product(outputs, u) {
    const p = softmax(outputs);
    const pu = mul(p, u);
    return sub(pu, mul(p, sum(pu, along)));
  },
  root(outputs, u) {
    const p = softmax(outputs);
    const ru = mul(sqrt(p), u);
    return sub(ru, mul(p, sum(ru, along)));
  },
  rank: (outputs) => outputs - 1,
};

/** p (1 - p) by the smaller of both, from which 1 - p loses no digits. */
function bernoulliVariance(outputs: Tensor): Tensor {
  const smaller = sigmoid(neg(abs(outputs)));
  return mul(smaller, sub(1, smaller));
}

/** Logistic losses of single outputs, p = 1/(1 + e^-f):  S = diag(p (1 - p)). */
export const logisticCurvature: OutputCurvature = {
  product: (outputs, u) => mul(bernoulliVariance(outputs), u),
  root: (outputs, u) => mul(sqrt(bernoulliVariance(outputs)), u),
  rank: (outputs) => outputs,
};

/**
 * Squared losses (scale/2) ||f - y||^2 of a row:  S = scale I. The mean squared error over K outputs has scale 2/K.
 *
 * @throws ArgumentError for an unknown option
 */
export function squaredCurvature(options: { readonly scale?: number } = {}): OutputCurvature {
  checkOptions("squaredCurvature", options, ["scale"]);
  const { scale = 1 } = options;
  return {
    product: (_, u) => mul(u, scale),
    root: (_, u) => mul(u, Math.sqrt(scale)),
    rank: (outputs) => outputs,
  };
}
