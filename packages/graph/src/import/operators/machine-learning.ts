import { isFloat } from "../../dtype.ts";
import { add, div, mul, sub } from "../../ops/arithmetic.ts";
import { equal, greater, isNan } from "../../ops/compare.ts";
import { concat } from "../../ops/concat.ts";
import { gather } from "../../ops/indexing.ts";
import { matmul } from "../../ops/matmul.ts";
import { argMax, max, sum } from "../../ops/reduce.ts";
import { cast, where } from "../../ops/select.ts";
import { reshape } from "../../ops/shape.ts";
import { softmax } from "../../ops/softmax.ts";
import { abs, neg, sigmoid, sqrt, square } from "../../ops/unary.ts";
import type { Tensor } from "../../tensor.ts";
import type { NodeCall, Operator } from "../node-call.ts";
import { constantFrom } from "../values.ts";
import { gatherAlong } from "./axes.ts";

/** A list of numbers that an attribute gives, as floats. */
function numbersOf(call: NodeCall, name: string): Tensor | undefined {
  const floats = call.node.attributes.get(name)?.floats ?? [];
  return floats.length > 0 ? constantFrom(call.importer.float, floats, [floats.length]) : undefined;
}

const floats = (call: NodeCall, x: Tensor) => (isFloat(x.dtype) ? x : cast(x, call.importer.float));

function transformed(call: NodeCall, scores: Tensor): Tensor {
  const kind = call.text("post_transform", "NONE");
  switch (kind) {
    case "NONE":
      return scores;
    case "LOGISTIC":
      return sigmoid(scores);
    case "SOFTMAX":
      return softmax(scores, { axis: -1 });
    default:
      return call.refuse(`post_transform ${kind} is not supported`);
  }
}

/** X W' + b, with the weights of each result in a row. */
function linear(call: NodeCall, results: number): Tensor {
  const x = floats(call, call.input(0));
  const weights = numbersOf(call, "coefficients") ?? call.refuse("attribute coefficients is missing");
  const features = Number(weights.shape[0]) / results;
  const rows = x.shape.length === 1 ? reshape(x, [1, x.shape[0]]) : x;
  const columns = Array.from(
    { length: features * results },
    (_, i) => (i % results) * features + Math.floor(i / results),
  );
  const table = gather(weights, constantFrom("i64", columns, [features, results]));
  const bias = numbersOf(call, "intercepts");
  const products = matmul(rows, cast(table, x.dtype === "f64" ? "f64" : "f32"));
  return bias ? add(products, cast(bias, products.dtype)) : products;
}

/** Scores of classes, and the label of the largest; two classes may share one row of weights. */
const linearClassifier: Operator = (call) => {
  const labels = call.ints("classlabels_ints") ?? [];
  if (labels.length === 0) return call.refuse("only labels that are integers are supported");
  const rows = call.node.attributes.get("intercepts")?.floats.length || labels.length;
  const own = linear(call, rows);
  const both = rows === 1 && labels.length === 2;
  const logistic = call.text("post_transform", "NONE") === "LOGISTIC";
  const scores = both
    ? concat(logistic ? [sub(1, sigmoid(own)), sigmoid(own)] : [neg(own), own], { axis: 1 })
    : transformed(call, own);
  if (both && !logistic && call.text("post_transform", "NONE") !== "NONE")
    return call.refuse(
      "one row of weights for two classes is supported with LOGISTIC or without transformation",
    );
  const label = gather(constantFrom("i64", labels, [labels.length]), argMax(scores, { axis: 1 }));
  return [label, scores];
};

const linearRegressor: Operator = (call) => transformed(call, linear(call, call.int("targets", 1)));

/** (x - offset) scale. */
const scaler: Operator = (call) => {
  const x = floats(call, call.input(0));
  const of = (name: string) => numbersOf(call, name);
  const [offset, scale] = [of("offset"), of("scale")];
  const centered = offset ? sub(x, cast(offset, x.dtype)) : x;
  return scale ? mul(centered, cast(scale, x.dtype)) : centered;
};

/** Rows divided by their largest entry, or by their 1- or 2-norm; rows of zeros stay. */
const normalizer: Operator = (call) => {
  const x = floats(call, call.input(0));
  const over = { axes: [-1], keepDims: true };
  const kind = call.text("norm", "MAX");
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
    const count = indices.shape.reduce<number>((n, d) => n * Number(d), 1);
    const rows = x.shape.length === 1 ? reshape(x, [1, x.shape[0]]) : x;
    return gatherAlong(rows, reshape(indices, [count]), rows.shape.length - 1);
  },
  Binarizer: (call) => {
    const x = call.input(0);
    return cast(greater(x, call.float("threshold", 0)), x.dtype);
  },
  FeatureVectorizer: (call) =>
    concat(
      call.inputs.map((x) => floats(call, x)),
      { axis: -1 },
    ),
  Imputer: imputer,
  LinearClassifier: linearClassifier,
  LinearRegressor: linearRegressor,
  Normalizer: normalizer,
  Scaler: scaler,
};
