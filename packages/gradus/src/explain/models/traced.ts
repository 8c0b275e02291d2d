import {
  type ArrayValue,
  type CompileOptions,
  compile,
  type FloatType,
  f32,
  f64,
  releaseArrays,
  reshape,
  slice,
  sum,
  type Tensor,
  valueAndGradientWithAuxiliary,
} from "@gradus/graph";
import { ArgumentError } from "../../check/errors.ts";
import { checkIntegerWithin, checkPositiveInteger } from "../../check/numbers.ts";
import { checkFunction, checkGivenOptions, checkOneOf } from "../../check/options.ts";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import { composedInputs } from "./composed-inputs.ts";
import {
  checkSingleRows,
  type ExplainableModel,
  type PerturbedRows,
  type ScoresAndGradients,
} from "./contract.ts";
import { onDemand } from "./on-demand.ts";

export interface TracedModelOptions extends CompileOptions {
  /** d, the number of columns that a row has. */
  readonly features: number;
  /** Which column of the function's outputs is explained; needed where there are several. */
  readonly output?: number;
  /** What the function computes in. */
  readonly dtype?: FloatType;
}

/** A model of a traced function. Holds native memory: dispose of it, or declare it with `using`. */
export interface TracedExplainableModel extends ExplainableModel, Disposable {
  valuesAndGradients(rows: DenseMatrix): Promise<ScoresAndGradients>;
  perturbedValues(rows: PerturbedRows, perturbations: DenseMatrix): Promise<Float64Array>;
  meanGradient(rows: PerturbedRows, perturbations: DenseMatrix, weights: Float64Array): Promise<Float64Array>;
  dispose(): void;
}

/** The chosen output of each row. */
function outputOf(scores: Tensor, output: number | undefined): Tensor {
  const [, columns = 1, ...more] = scores.shape;
  if (scores.shape.length === 0 || more.length > 0 || typeof columns !== "number")
    throw new ArgumentError(
      `the function must return one row of scores for each row, [rows] or [rows, outputs], got [${scores.shape.join(", ")}]`,
    );
  if (columns > 1 && output === undefined)
    throw new ArgumentError(
      `output must be an integer from 0 to ${columns - 1}, the score to explain, got undefined`,
    );
  checkIntegerWithin(0, columns - 1, { output: output ?? 0 });
  if (scores.shape.length === 1) return scores;
  const column = output ?? 0;
  return reshape(slice(scores, { axis: 1, start: column, end: column + 1 }), [scores.shape[0]]);
}

/** Rows of one run of a program: what small networks compute of them on the way stays in the cache. */
const ROWS_A_RUN = { values: 4096, gradients: 1024 };

function* runs(rows: number, most: number): Generator<readonly [from: number, to: number]> {
  for (let from = 0; from < rows; from += most) yield [from, Math.min(rows, from + most)];
}

const numbers = ({ data }: ArrayValue): Float64Array =>
  data instanceof Float64Array ? data : Float64Array.from(data, Number);

/**
 * A model of a traced function of rows, compiled once for any number of rows: values, and gradients by reverse mode.
 *
 *     using model = await tracedModel((x) => network.apply(constants(parameters), x), { features: 10 });
 *
 * @param f from rows [n, d] to scores [n] or [n, outputs]; each row's scores depend on that row alone
 * @throws ArgumentError when an option is out of range or unknown, or f returns another shape
 * @throws ShapeError, TypeMismatchError, GraphError of the graph when f cannot be traced
 */
export async function tracedModel(
  f: (rows: Tensor) => Tensor,
  given: TracedModelOptions,
): Promise<TracedExplainableModel> {
  checkFunction({ f });
  checkGivenOptions("tracedModel", given, ["features", "output", "dtype", "threads", "runtime"]);
  const { features, output, dtype = "f64", ...options } = given;
  checkPositiveInteger({ features });
  checkOneOf(["f32", "f64"], { dtype });
  const x = dtype === "f64" ? f64("rows", features) : f32("rows", features);
  const scores = (rows: Tensor) => outputOf(f(rows), output);
  const withGradients = valueAndGradientWithAuxiliary((rows: Tensor) => {
    const auxiliary = scores(rows);
    return { loss: sum(auxiliary), auxiliary };
  });
  const values = await compile((inputs) => scores(inputs.x), { x }, options);
  const gradients = onDemand(() =>
    compile(
      (inputs) => {
        const { auxiliary, gradient } = withGradients(inputs.x);
        return { values: auxiliary, gradients: gradient };
      },
      { x },
      options,
    ),
  );
  const composed = composedInputs(scores, features, { dtype, ...options });
  const checkRange = (...matrices: DenseMatrix[]) => {
    if (dtype === "f32") matrices.forEach(checkSingleRows);
  };
  const input = (data: Float64Array): ArrayValue => ({
    ...{ dtype, shape: [data.length / features, features] },
    data: dtype === "f64" ? data : Float32Array.from(data),
  });
  const dispose = () => {
    values.dispose();
    gradients.dispose();
    composed.dispose();
  };
  return {
    features,
    async values(matrix) {
      const { rows, values: x } = matrix;
      checkRange(matrix);
      const result = new Float64Array(rows);
      for (const [from, to] of runs(rows, ROWS_A_RUN.values)) {
        const part = await values.run({ x: input(x.subarray(from * features, to * features)) });
        result.set(numbers(part), from);
        releaseArrays(part);
      }
      return result;
    },
    async valuesAndGradients(matrix) {
      const { rows, values: x } = matrix;
      checkRange(matrix);
      const program = await gradients.get();
      const result = { values: new Float64Array(rows), gradients: new Float64Array(rows * features) };
      for (const [from, to] of runs(rows, ROWS_A_RUN.gradients)) {
        const part = await program.run({ x: input(x.subarray(from * features, to * features)) });
        result.values.set(numbers(part.values), from);
        result.gradients.set(numbers(part.gradients), from * features);
        releaseArrays(part);
      }
      return result;
    },
    async perturbedValues(rows, perturbations) {
      checkRange(rows.offset, rows.scale);
      return composed.perturbedValues(rows, perturbations);
    },
    async meanGradient(rows, perturbations, weights) {
      checkRange(rows.offset, rows.scale);
      return composed.meanGradient(rows, perturbations, weights);
    },
    dispose,
    [Symbol.dispose]: dispose,
  };
}
