import {
  type ArrayValue,
  type FloatType,
  greaterEqual,
  matmul,
  matrixTranspose,
  mul,
  range,
  reshape,
  softmax,
  split,
  type Tensor,
  transpose,
  where,
} from "@gradus/graph";
import { shown } from "../check/describe.ts";
import { ArgumentError } from "../check/errors.ts";
import { checkPositiveInteger } from "../check/numbers.ts";
import { checkBoolean, checkFunction, checkGivenOptions, checkOneOf } from "../check/options.ts";
import { type DenseParameters, dense } from "./dense.ts";
import { filledArray } from "./filled-array.ts";
import { glorotUniform, type Initializer, type Stream } from "./initializers.ts";

/** The trained parameters of an attention layer. */
export type AttentionParameters<T = Tensor> = {
  /** From the features of a position to its query, key and value, side by side: [width, 3 width]. */
  readonly inputs: DenseParameters<T>;
  /** From the joined heads to the output: [width, width]. */
  readonly outputs: DenseParameters<T>;
};

export interface AttentionParametersOptions {
  /** Features of a position. */
  readonly width: number;
  readonly stream: Stream;
  readonly initializer?: Initializer;
  readonly dtype?: FloatType;
}

/**
 * Initial parameters of an attention layer: weights from the initializer, as of matrices [width, width], and bias 0.
 *
 * @throws ArgumentError unless width is an integer >= 1, or for an unknown option or dtype
 */
export function attentionParameters(options: AttentionParametersOptions): AttentionParameters<ArrayValue> {
  checkGivenOptions("attentionParameters", options, ["width", "stream", "initializer", "dtype"]);
  const { width, stream, initializer = glorotUniform, dtype = "f32" } = options;
  checkPositiveInteger({ width });
  checkOneOf(["f32", "f64"], { dtype });
  const layer = (name: string, outputs: number) => ({
    weights: initializer(stream.split(name), { shape: [width, outputs], fanIn: width, fanOut: width, dtype }),
    bias: filledArray([outputs], 0, dtype),
  });
  return { inputs: layer("inputs", 3 * width), outputs: layer("outputs", width) };
}

export interface AttentionOptions {
  /** Number of heads, a divisor of the width. */
  readonly heads: number;
  /** Whether a position attends to itself and to earlier ones alone. */
  readonly causal?: boolean;
  /**
   * The positions that are attended to, [batch, length], boolean: false where a sequence is filled up to the length of
   * the others. A position that may attend to none attends to all evenly, or, with `causal`, to those up to itself.
   */
  readonly mask?: Tensor;
  /** What becomes of the attention weights, [batch, heads, length, length]: dropout, in training. */
  readonly dropWeights?: (weights: Tensor) => Tensor;
}

/** Far below every score, but finite: the softmax of a row of such values is even, not NaN. */
const MASKED = -1e30;
/** Far below even those: a position of which all that it may see is masked still sees nothing later. */
const LATER = 2 * MASKED;

/**
 * Multi-head self-attention: with queries, keys and values Q, K, V of each head, d = width / heads columns each,
 *
 *     [head_1, ..., head_h] W + b,   head = softmax(Q K' / sqrt(d)) V,   [Q, K, V] of all heads = x W_in + b_in.
 *
 * Source: Vaswani et al. 2017, eq. 1 and section 3.2.2.
 *
 * @param x [batch, length, width]
 * @returns [batch, length, width]
 * @throws ArgumentError unless x has three dimensions and heads divide its width, for a mask that is not boolean or not
 *   [batch, length], or for an unknown option
 */
export function attention(parameters: AttentionParameters, x: Tensor, options: AttentionOptions): Tensor {
  checkGivenOptions("attention", options, ["heads", "causal", "mask", "dropWeights"]);
  const { heads, causal = false, mask, dropWeights } = options;
  checkBoolean({ causal });
  if (dropWeights !== undefined) checkFunction({ dropWeights });
  if (x.shape.length !== 3)
    throw new ArgumentError(`x must be [batch, length, width], got [${x.shape.join(", ")}]`);
  const [batch, length, width] = x.shape;
  const each = Number(width) / heads;
  if (!Number.isInteger(each) || !Number.isInteger(heads) || heads < 1)
    throw new ArgumentError(`heads must be an integer that divides the width ${width}, got ${shown(heads)}`);
  if (mask && (mask.dtype !== "bool" || mask.shape.length !== 2))
    throw new ArgumentError(
      `mask must be boolean [batch, length], got ${mask.dtype} [${mask.shape.join(", ")}]`,
    );
  const [q, k, v] = split(dense(parameters.inputs, x), 3, { axis: 2 }).map((all) =>
    transpose(reshape(all, [batch, length, heads, each]), [0, 2, 1, 3]),
  );
  let scores = matmul(mul(q, 1 / Math.sqrt(each)), matrixTranspose(k));
  if (mask) scores = where(reshape(mask, [batch, 1, 1, length]), scores, MASKED);
  if (causal) {
    const positions = range(length);
    scores = where(greaterEqual(reshape(positions, [length, 1]), positions), scores, LATER);
  }
  const weights = softmax(scores, { axis: -1 });
  const heard = matmul(dropWeights ? dropWeights(weights) : weights, v);
  return dense(parameters.outputs, reshape(transpose(heard, [0, 2, 1, 3]), [batch, length, width]));
}
