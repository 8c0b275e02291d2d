import { isFloat } from "../../dtype.ts";
import { div, mul, sub } from "../../ops/arithmetic.ts";
import { equal, greater, isNan } from "../../ops/compare.ts";
import { concat } from "../../ops/concat.ts";
import { max, sum } from "../../ops/reduce.ts";
import { cast, where } from "../../ops/select.ts";
import { reshape } from "../../ops/shape.ts";
import { softmax, softmaxOp } from "../../ops/softmax.ts";
import { abs, neg, softplus, sqrt, square, unaryOps } from "../../ops/unary.ts";
import type { Tensor } from "../../tensor.ts";
import type { Operator } from "../node-call.ts";
import { constantFrom } from "../values.ts";
import { gatherAlong } from "./axes.ts";
import { encoders } from "./encoders.ts";
import { floats, numbersOf } from "./fitted.ts";
import { linearModels } from "./linear-models.ts";
import { supportVectors } from "./support-vectors.ts";

/** (x - offset) scale. */
const scaler: Operator = (call) => {
  const x = floats(call, call.input(0));
  const of = (name: string) => numbersOf(call, name);
  const [offset, scale] = [of("offset"), of("scale")];
  const centered = offset ? sub(x, cast(offset, x.dtype)) : x;
  return scale ? mul(centered, cast(scale, x.dtype)) : centered;
};

/**
 * p / sum(p) for probabilities p of softmax or sigmoid, as scikit-learn's converter ends its classifiers, with exact
 * logarithms: a softmax has the sum 1, and sigmoid(z) is the exponential of -softplus(-z). Undefined for any other x.
 */
function normalizedProbabilities(x: Tensor): Tensor | undefined {
  const { op, attributes, inputs } = x;
  const axis = x.shape.length - 1;
  if (op === softmaxOp) return (attributes as { readonly axis: number }).axis === axis ? x : undefined;
  return op === unaryOps.sigmoid ? softmax(neg(softplus(neg(inputs[0]))), { axis }) : undefined;
}

/** Rows divided by their largest entry, or by their 1- or 2-norm; rows of zeros stay. */
const normalizer: Operator = (call) => {
  const x = floats(call, call.input(0));
  const over = { axes: [-1], keepDims: true };
  const kind = call.text("norm", "MAX");
  const probabilities = kind === "L1" ? normalizedProbabilities(x) : undefined;
  if (probabilities) return probabilities;
  const length =
    kind === "MAX" ? max(x, over) : kind === "L1" ? sum(abs(x), over) : sqrt(sum(square(x), over));
  return div(x, where(equal(length, 0), 1, length));
};

/** Missing entries, NaN or a given number, replaced by one number for each column. */
const imputer: Operator = (call) => {
  const x = call.input(0);
  const ints = call.ints("imputed_value_int64s") ?? [];
  const value =
    numbersOf(call, "imputed_value_floats") ??
    (ints.length > 0
      ? constantFrom("i64", ints, [ints.length])
      : call.refuse("the imputed values are missing"));
  const replaced = isFloat(x.dtype)
    ? call.float("replaced_value_float", 0)
    : call.int("replaced_value_int64", 0);
  const missing = Number.isNaN(replaced) ? isNan(x) : equal(x, replaced);
  return where(missing, cast(value, x.dtype), x);
};

/** Operators of the domain ai.onnx.ml, as scikit-learn's converter writes them for what is not a tree. */
export const machineLearning: Readonly<Record<string, Operator>> = {
  ArrayFeatureExtractor: (call) => {
    const [x, indices] = [call.input(0), call.input(1)];
    const rows = x.shape.length === 1 ? reshape(x, [1, x.shape[0]]) : x;
    return gatherAlong(rows, reshape(indices, [-1]), rows.shape.length - 1);
  },
  Binarizer: (call) => {
    const x = call.input(0);
    return cast(greater(x, call.float("threshold", 0)), x.dtype);
  },
  ...encoders,
  // What is left of a row after its first axis is its features; one vector is one row.
  FeatureVectorizer: (call) =>
    concat(
      call.inputs.map((x) => floats(call, reshape(x, [x.shape.length < 2 ? 1 : x.shape[0], -1]))),
      { axis: -1 },
    ),
  Imputer: imputer,
  ...linearModels,
  Normalizer: normalizer,
  Scaler: scaler,
  ...supportVectors,
  // ONNX Runtime makes a map from labels to scores of each row; here the scores are passed on.
  ZipMap: (call) => call.input(0),
};
