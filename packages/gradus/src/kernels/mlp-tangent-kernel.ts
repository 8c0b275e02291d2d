import {
  add,
  div,
  einsum,
  expandDims,
  identityMatrix,
  jvp,
  matmul,
  matrixTranspose,
  mul,
  onesLike,
  reshape,
  slice,
  type Tensor,
} from "@gradus/graph";
import { shown } from "../check/describe.ts";
import { ArgumentError } from "../check/errors.ts";
import { checkOptions } from "../check/options.ts";
import { activationOf } from "../nn/activations.ts";
import type { MlpOptions, MlpParameters } from "../nn/models/mlp.ts";

/** The kernel of a network with several outputs: the mean over outputs, that of one output, or all pairs of outputs. */
export type KernelOutputs = "mean" | "full" | number;

/** A network's outputs, and its tangent kernel between the rows of x and of y. */
export interface MlpTangentKernel {
  /** [n, outputs] */
  readonly outputs: Tensor;
  /** [n, m], or [n, outputs, m, outputs] with `outputs: "full"`. */
  readonly kernel: Tensor;
}

/** The quantities of one layer's term of the kernel. */
interface LayerPart {
  /** The layer's input, [n, inputs]. */
  readonly input: Tensor;
  /**
   * The derivative of the network's outputs in the layer's output, [n, outputs, width]; absent (identity) for the last.
   */
  readonly delta: Tensor | undefined;
  /** Squared factors of the weights and the bias. */
  readonly weightVariance: number;
  readonly biasVariance: number;
}

interface Pass {
  readonly outputs: Tensor;
  readonly parts: readonly LayerPart[];
}

/** @throws ArgumentError unless `outputs` is "mean", "full" or the index of an output */
export function checkOutputs(outputs: KernelOutputs, count: number): void {
  if (outputs === "mean" || outputs === "full") return;
  if (!Number.isInteger(outputs) || outputs < 0 || outputs >= count)
    throw new ArgumentError(
      `outputs must be "mean", "full" or an integer from 0 to ${count - 1}, got ${shown(outputs)}`,
    );
}

/**
 * The empirical tangent kernel of a multilayer perceptron as a function to trace,
 *
 *     Theta(x, x') = sum_l <delta_l(x), delta_l(x')> (s_l^2 <a_l(x), a_l(x')> + b_l^2),
 *
 * where a_l is the input of layer l, delta_l the derivative of the outputs in the layer's output, and s_l and b_l are
 * the factors of its weights and bias; both factors are 1 without the NTK parametrization, for which the kernel is
 * different and grows with the width. No gradient of a weight matrix is formed: per layer, time (n + m) width^2 + n m
 * width and memory (n + m) width.
 * Source: Jacot, Gabriel & Hongler 2018, "Neural tangent kernel", section 4; as sums over layers, Novak,
 * Sohl-Dickstein & Schoenholz 2022, "Fast finite width neural tangent kernel".
 *
 * @param network the options of `mlp`, without an output activation
 * @returns a function from (parameters, x [n, inputs], y [m, inputs]) to outputs and kernel; y defaults to x
 * @throws ArgumentError for an output activation, or an invalid option `outputs`
 */
export function mlpTangentKernel(
  { hidden, outputs: count, activation = "relu", outputActivation = "identity", ntk }: MlpOptions,
  options: { readonly outputs?: KernelOutputs } = {},
): (parameters: MlpParameters, x: Tensor, y?: Tensor) => MlpTangentKernel {
  checkOptions("mlpTangentKernel", options, ["outputs"]);
  const { outputs = "mean" } = options;
  if (outputActivation !== "identity")
    throw new ArgumentError(
      `outputActivation must be "identity", as the kernel is that of the last layer's outputs, got ${shown(outputActivation)}`,
    );
  checkOutputs(outputs, count);
  const f = activationOf(activation);
  const scalesOf = ({ shape: [inputs] }: Tensor) =>
    ntk ? { s: (ntk.weightStd ?? 1) / Math.sqrt(Number(inputs)), b: ntk.biasStd ?? 0.1 } : { s: 1, b: 1 };

  const pass = ({ layers }: MlpParameters, x: Tensor): Pass => {
    const inputs = [x];
    const slopes: Tensor[] = [];
    let given = x;
    layers.forEach(({ weights, bias }, l) => {
      const { s, b } = scalesOf(weights);
      given = add(mul(matmul(inputs[l], weights), s), mul(bias, b));
      if (l === hidden.length) return;
      const { value, tangent } = jvp(f, given, onesLike(given));
      inputs.push(value);
      slopes.push(tangent);
    });
    let delta: Tensor | undefined;
    const parts = layers.map(({ weights }, l): LayerPart => {
      const { s, b } = scalesOf(weights);
      return { input: inputs[l], delta: undefined, weightVariance: s * s, biasVariance: b * b };
    });
    for (let l = hidden.length - 1; l >= 0; l--) {
      const { weights } = layers[l + 1];
      let back = mul(matrixTranspose(weights), scalesOf(weights).s);
      if (!delta && typeof outputs === "number") back = slice(back, { start: outputs, end: outputs + 1 });
      delta = mul(delta ? matmul(delta, back) : expandDims(back, 0), expandDims(slopes[l], 1));
      parts[l] = { ...parts[l], delta };
    }
    return { outputs: given, parts };
  };

  const partOf = (left: LayerPart, right: LayerPart): Tensor => {
    const products = mul(matmul(left.input, matrixTranspose(right.input)), left.weightVariance);
    const features = add(products, left.biasVariance);
    if (outputs !== "full") {
      if (!left.delta || !right.delta) return features;
      const across = typeof outputs === "number" ? 1 : count;
      return mul(features, div(einsum("nkw,mkw->nm", left.delta, right.delta), across));
    }
    const spread = expandDims(expandDims(features, 1), 3);
    const deltas =
      left.delta && right.delta
        ? einsum("nkw,mlw->nkml", left.delta, right.delta)
        : reshape(identityMatrix(count, features.dtype === "f64" ? "f64" : "f32"), [1, count, 1, count]);
    return mul(spread, deltas);
  };

  return (parameters, x, y) => {
    const left = pass(parameters, x);
    const right = y ? pass(parameters, y) : left;
    const kernel = left.parts
      .map((part, l) => partOf(part, right.parts[l]))
      .reduce((sum, part) => add(sum, part));
    return { outputs: left.outputs, kernel };
  };
}
