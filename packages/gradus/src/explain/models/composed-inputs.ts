import {
  type ArrayValue,
  add,
  type CompileOptions,
  cast,
  compile,
  expandDims,
  type FloatType,
  f64,
  gradient,
  mul,
  releaseArrays,
  reshape,
  sum,
  type Tensor,
} from "@gradus/graph";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import type { PerturbedRows } from "./contract.ts";
import { onDemand } from "./on-demand.ts";

/** Numbers of the inputs of one run of a program, and inputs, at most: what small networks compute stays in the cache. */
const MOST = { numbers: 2 ** 18, inputs: 2 ** 13 };

/** Inputs of a run that differentiates, at most: what all layers compute is kept until then. */
const MOST_DIFFERENTIATED = 2 ** 12;

/** One run of a program: rows `from` to `to`, perturbations `first` to `last`. */
interface Run {
  readonly from: number;
  readonly to: number;
  readonly first: number;
  readonly last: number;
}

/**
 * Runs of similar numbers of rows with all perturbations, or of one row with some of them where those are many.
 *
 * @param most inputs of a run
 * @param together inputs of several rows, at most
 */
function* runsOf(rows: number, count: number, most: number, together = most): Generator<Run> {
  const groups = Math.ceil(rows / Math.max(1, Math.floor(Math.min(most, together) / Math.max(1, count))));
  const size = Math.ceil(rows / groups);
  for (let from = 0; from < rows; from += size) {
    const to = Math.min(rows, from + size);
    const part = Math.max(1, Math.floor(most / (to - from)));
    for (let first = 0; first < count; first += part)
      yield { from, to, first, last: Math.min(count, first + part) };
  }
}

/** The weights of the inputs of a run: each perturbation's for all rows. Runs of one size mostly share them. */
function inputWeights(weights: Float64Array): (run: Run) => ArrayValue {
  let last: { readonly first: number; readonly rows: number; readonly own: ArrayValue } | undefined;
  return ({ from, to, first, last: end }) => {
    const rows = to - from;
    const length = (end - first) * rows;
    if (last?.first === first && last.rows === rows && last.own.data.length === length) return last.own;
    const data = new Float64Array(length);
    for (let k = first, at = 0; k < end; k++, at += rows) data.fill(weights[k], at, at + rows);
    last = { first, rows, own: { dtype: "f64", shape: [length], data } };
    return last.own;
  };
}

/** Rows `from` to `to` of a matrix. */
function part({ columns: d, values }: DenseMatrix, from: number, to: number): ArrayValue {
  return { dtype: "f64", shape: [to - from, d], data: values.subarray(from * d, to * d) };
}

/** The methods of a traced model that compose its inputs. */
export interface ComposedInputs {
  perturbedValues(rows: PerturbedRows, perturbations: DenseMatrix): Promise<Float64Array>;
  meanGradient(rows: PerturbedRows, perturbations: DenseMatrix, weights: Float64Array): Promise<Float64Array>;
  dispose(): void;
}

/**
 * Programs that compose the inputs  offset_i + scale_i * xi_k  of a traced model: one perturbation of all rows after another,
 * which is how a first product of the model with its weights needs no input to be written (the graph's rules for composed
 * rows).
 *
 * @param scores from rows [n, d] to one score each
 * @param d the features of a row
 */
export function composedInputs(
  scores: (rows: Tensor) => Tensor,
  d: number,
  { dtype, ...options }: CompileOptions & { readonly dtype: FloatType },
): ComposedInputs {
  const scoresOf = (offset: Tensor, scale: Tensor, xi: Tensor) => {
    // in float64 for any model: an input near the row is the small difference of parts where the baseline is far away
    const inputs = add(offset, mul(scale, expandDims(xi, 1)));
    return cast(scores(cast(reshape(inputs, [-1, d]), dtype)), "f64");
  };
  const specs = { offset: f64("rows", d), scale: f64("rows", d), xi: f64("perturbations", d) };
  const values = onDemand(() =>
    compile(({ offset, scale, xi }) => scoresOf(offset, scale, xi), specs, options),
  );
  // The offset is added to every input of a row, so that its gradient is the sum of theirs.
  const gradients = onDemand(() =>
    compile(
      ({ offset, scale, xi, weights }) =>
        gradient((moved: Tensor) => sum(mul(weights, scoresOf(moved, scale, xi))))(offset),
      { ...specs, weights: f64("perturbations*rows") },
      options,
    ),
  );
  const most = Math.min(MOST.inputs, Math.max(1, Math.floor(MOST.numbers / d)));

  return {
    async perturbedValues({ offset, scale }, xi) {
      const program = await values.get();
      const [n, count] = [offset.rows, xi.rows];
      const result = new Float64Array(n * count);
      for (const { from, to, first, last } of runsOf(n, count, most)) {
        const own = { offset: part(offset, from, to), scale: part(scale, from, to) };
        const scores = await program.run({ ...own, xi: part(xi, first, last) });
        const found = scores.data as Float64Array;
        for (let k = first, at = 0; k < last; k++)
          for (let i = from; i < to; i++) result[i * count + k] = found[at++];
        releaseArrays(scores);
      }
      return result;
    },
    async meanGradient({ offset, scale }, xi, weights) {
      const program = await gradients.get();
      const n = offset.rows;
      const result = new Float64Array(n * d);
      const weightsOf = inputWeights(weights);
      for (const run of runsOf(n, xi.rows, most, MOST_DIFFERENTIATED)) {
        const { from, to, first, last } = run;
        const { data } = await program.run({
          offset: part(offset, from, to),
          scale: part(scale, from, to),
          xi: part(xi, first, last),
          weights: weightsOf(run),
        });
        for (let k = 0; k < data.length; k++) result[from * d + k] += Number(data[k]);
      }
      return result;
    },
    dispose() {
      values.dispose();
      gradients.dispose();
    },
  };
}
