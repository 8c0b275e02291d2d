import { add } from "../../ops/arithmetic.ts";
import { concat } from "../../ops/concat.ts";
import { gather } from "../../ops/indexing.ts";
import { matmul, matrixTranspose } from "../../ops/matmul.ts";
import { argMax } from "../../ops/reduce.ts";
import { cast } from "../../ops/select.ts";
import { reshape } from "../../ops/shape.ts";
import { neg } from "../../ops/unary.ts";
import type { Tensor } from "../../tensor.ts";
import type { NodeCall, Operator } from "../node-call.ts";
import { constantFrom } from "../values.ts";
import { floats, transformed } from "./fitted.ts";

/** X W' + b, with the weights of each result in a row. */
function linear(call: NodeCall): Tensor {
  const x = floats(call, call.input(0));
  const rows = x.shape.length === 1 ? reshape(x, [1, x.shape[0]]) : x;
  const weights = call.fitted("coefficients") ?? call.refuse("attribute coefficients is missing");
  if (weights.shape.length !== 2)
    return call.refuse(`${weights.shape[0]} coefficients are not as many for each result`);
  const products = matmul(rows, matrixTranspose(cast(weights, rows.dtype)));
  const bias = call.fitted("intercepts");
  return bias ? add(products, cast(bias, products.dtype)) : products;
}

/** Scores of classes, and the label of the largest; two classes may share one row of weights. */
const linearClassifier: Operator = (call) => {
  const numbers = call.ints("classlabels_ints") ?? [];
  // Labels that are text are given by their place in the list.
  const labels = numbers.length > 0 ? numbers : (call.texts("classlabels_strings") ?? []).map((_, i) => i);
  if (labels.length === 0) return call.refuse("the labels of the classes are missing");
  const own = linear(call);
  const both = own.shape[1] === 1 && labels.length === 2;
  const kind = call.text("post_transform", "NONE");
  if (both && kind !== "NONE" && kind !== "LOGISTIC")
    return call.refuse(
      "one row of weights for two classes is supported with LOGISTIC or without transformation",
    );
  const scores = transformed(call, both ? concat([neg(own), own], { axis: 1 }) : own);
  const label = gather(constantFrom("i64", labels, [labels.length]), argMax(scores, { axis: 1 }));
  return [label, scores];
};

/** Linear models of the domain ai.onnx.ml. */
export const linearModels: Readonly<Record<string, Operator>> = {
  LinearClassifier: linearClassifier,
  LinearRegressor: (call) => transformed(call, linear(call)),
};
