import { type ArrayValue, add, array, mul, square, sum, type Tensor } from "@gradus/graph";
import { rowsWithLabel, selectRows } from "gradus/data";
import {
  meanSquaredError,
  type OutputCurvature,
  softmaxCrossEntropy,
  softmaxCurvature,
  squaredCurvature,
} from "gradus/losses";
import { type MlpParameters, mlp } from "gradus/nn";
import { randomStream } from "gradus/random";
import { scaledImages } from "../shared/images.ts";

type Batch = { readonly x: Tensor; readonly y: Tensor };

/** A traced network with its loss and the parts that its Gauss-Newton matrix needs. */
export interface NetworkProblem {
  readonly name: string;
  readonly data: { readonly x: ArrayValue; readonly y: ArrayValue };
  readonly parameters: MlpParameters<ArrayValue>;
  model(parameters: MlpParameters, batch: { readonly x: Tensor }): Tensor;
  loss(parameters: MlpParameters, batch: Batch): Tensor;
  readonly curvature: OutputCurvature;
  /** The weight of ||parameters||^2 / 2 in the loss. */
  readonly ridge: number;
}

const HIDDEN = 16;
export const CLASSES = 10;
const RIDGE = 1e-3;

/** The first rows of every digit, pixels divided by 16. */
async function digits(rowsPerClass: number) {
  const { pixels, labels, ...size } = await scaledImages("digits", "f64");
  const perClass = Array.from({ length: CLASSES }, (_, c) => [
    ...rowsWithLabel(labels, c).subarray(0, rowsPerClass),
  ]);
  const rows = Int32Array.from(perClass.flat());
  return {
    n: rows.length,
    d: size.columns,
    x: array(selectRows({ ...size, values: pixels }, rows).values, [rows.length, size.columns]),
    labels: Int32Array.from(rows, (row) => labels[row]),
  };
}

function network(inputs: number, outputs: number, seed: number) {
  const { parameters, apply } = mlp({ inputs, hidden: [HIDDEN], outputs, activation: "tanh" });
  return { parameters: parameters({ stream: randomStream(seed).split("network"), dtype: "f64" }), apply };
}

/**
 * One equation per digit: the output should be +1 on 5 to 9 and -1 on 0 to 4. With more parameters than digits all can
 * be satisfied, and the error of the Gauss-Newton matrix vanishes with the loss.
 */
export async function equations(rowsPerClass: number, seed: number): Promise<NetworkProblem> {
  const { n, d, x, labels } = await digits(rowsPerClass);
  const { parameters, apply } = network(d, 1, seed);
  const model: NetworkProblem["model"] = (p, batch) => apply(p, batch.x);
  return {
    name: `equations, ${n} digits`,
    data: {
      x,
      y: array(
        Float64Array.from(labels, (label) => (label < 5 ? -1 : 1)),
        [n, 1],
      ),
    },
    parameters,
    model,
    loss: (p, batch) => mul(meanSquaredError(model(p, batch), batch.y), 0.5),
    curvature: squaredCurvature(),
    ridge: 0,
  };
}

/**
 * Cross-entropy of all ten classes with a ridge term: its minimum is not 0, and the error of the Gauss-Newton matrix
 * does not vanish.
 */
export async function classification(rowsPerClass: number, seed: number): Promise<NetworkProblem> {
  const { n, d, x, labels } = await digits(rowsPerClass);
  const { parameters, apply } = network(d, CLASSES, seed);
  const model: NetworkProblem["model"] = (p, batch) => apply(p, batch.x);
  const penalty = (p: MlpParameters): Tensor =>
    p.layers
      .map(({ weights, bias }) => add(sum(square(weights)), sum(square(bias))))
      .reduce((total, term) => add(total, term));
  return {
    name: `classes with ridge, ${n} digits`,
    data: { x, y: array(BigInt64Array.from(labels, BigInt), [n]) },
    parameters,
    model,
    loss: (p, batch) => add(softmaxCrossEntropy(model(p, batch), batch.y), mul(penalty(p), RIDGE / 2)),
    curvature: softmaxCurvature,
    ridge: RIDGE,
  };
}
