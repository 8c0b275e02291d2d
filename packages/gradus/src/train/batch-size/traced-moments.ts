import {
  type ArrayValue,
  div,
  expandDims,
  type FloatType,
  flattenTensors,
  floatData,
  isTensor,
  item,
  mapTensors,
  size,
  square,
  sum,
  type Tensor,
  type Tree,
  valueAndGradient,
  vmap,
} from "@gradus/graph";
import { ArgumentError, ConvergenceError } from "../../check/errors.ts";
import type { AsTensors, ValuesOf } from "../../tree/arrays.ts";
import { flatNumbers } from "../../tree/numbers.ts";
import { checkLossResult } from "../check-traced.ts";
import type { LossFunction } from "../contract.ts";
import { sumOfSquares as sumOfTensorSquares } from "../transformations/norms.ts";
import type { BatchStatistics, StatisticsPart } from "./statistics.ts";

/** What is measured of a batch's gradients. */
export interface MomentsOptions<P, D, H> {
  readonly loss: LossFunction<P, D, Record<string, never>, H>;
  /** The parameters'. */
  readonly dtype: FloatType;
  /** `"none"`: the gradient alone. */
  readonly variance: "rows" | "none";
  readonly parts: readonly StatisticsPart[];
}

interface Given {
  readonly parameters: Tree<Tensor>;
  readonly batch: Tree<Tensor>;
  readonly given: Record<string, Tensor>;
}

/** What a run of `tracedMoments` returns; the gradient may stay in its program. */
export interface RanMoments {
  readonly losses: ArrayValue;
  readonly squaredNorms: readonly ArrayValue[];
  readonly gradient?: unknown;
  readonly gradientSquares: readonly ArrayValue[];
  readonly squares: unknown;
}

/** The loss or the gradient of a row of a batch is not finite. */
export class RowNotFiniteError extends ConvergenceError {
  override name = "RowNotFiniteError";
  /** In the batch. */
  readonly row: number;
  /** What the row has. */
  readonly found: string;

  constructor(row: number, { loss, squaredNorm }: { readonly loss: number; readonly squaredNorm: number }) {
    const found = `has loss ${loss} and a gradient of squared norm ${squaredNorm}`;
    super(`row ${row} of the batch ${found}`);
    this.row = row;
    this.found = found;
  }
}

/** Sums of squares along the last axis: short enough for float32, and few enough to be added up in float64 outside. */
const shortSums = (gradient: Tree<Tensor>): Tensor[] =>
  flattenTensors(gradient).leaves.map((g) =>
    g.shape.length === 0 ? square(g) : sum(square(g), { axes: -1 }),
  );

function lossOf<P, D, H>(loss: LossFunction<P, D, Record<string, never>, H>) {
  return (parameters: Tree<Tensor>, batch: Tree<Tensor>, given: Record<string, Tensor>): Tensor => {
    const result = loss(parameters as AsTensors<P>, batch as AsTensors<D>, {
      modelState: {},
      settings: given as { [K in keyof H]: Tensor },
    });
    checkLossResult(result);
    if (!isTensor(result))
      throw new ArgumentError(
        "loss must not have a model state: rows that share statistics have no per-example gradients",
      );
    return result;
  };
}

const rowLoss = <P, D, H>(loss: LossFunction<P, D, Record<string, never>, H>) => {
  const ofBatch = lossOf(loss);
  return (parameters: Tree<Tensor>, row: Tree<Tensor>, given: Record<string, Tensor>): Tensor =>
    ofBatch(
      parameters,
      mapTensors((entry) => expandDims(entry, 0), row),
      given,
    );
};

/** The losses of a batch's rows, in the graph. */
export function tracedRowLosses<P, D, H>(loss: LossFunction<P, D, Record<string, never>, H>) {
  const ofRow = rowLoss(loss);
  return (parameters: Tree<Tensor>, batch: Tree<Tensor>, given: Record<string, Tensor>): Tensor =>
    vmap((row: Tree<Tensor>) => ofRow(parameters, row, given))(batch);
}

/** A batch's gradient in the graph, and what its rows' gradients add up to, as far as it is asked for. */
export function tracedMoments<P, D, H>({ loss, dtype, variance, parts }: MomentsOptions<P, D, H>) {
  const ofBatch = lossOf(loss);
  const ofRow = rowLoss(loss);
  const whole = ({ parameters, batch, given }: Given) => {
    const { value, gradient } = valueAndGradient(ofBatch)(parameters, batch, given);
    return {
      losses: value,
      squaredNorms: [] as Tensor[],
      gradient,
      gradientSquares: shortSums(gradient),
      squares: [] as Tree<Tensor>,
    };
  };
  const byRows = ({ parameters, batch, given }: Given) => {
    const { value, gradient, squaredNorm } = vmap((row: Tree<Tensor>) => {
      const own = valueAndGradient(ofRow)(parameters, row, given);
      return { ...own, squaredNorm: sumOfTensorSquares(flattenTensors(own.gradient).leaves) };
    })(batch);
    const mean = mapTensors((g) => div(sum(g, { axes: 0 }), size([g.shape[0]], dtype)), gradient);
    return {
      losses: value,
      squaredNorms: [squaredNorm],
      gradient: mean,
      gradientSquares: shortSums(mean),
      squares: parts.includes("coordinates")
        ? mapTensors((g) => sum(square(g), { axes: 0 }), gradient)
        : ([] as Tree<Tensor>),
    };
  };
  return variance === "rows" ? byRows : whole;
}

/**
 * The statistics of what a run measured.
 *
 * @param from number of the batch's first row, for messages
 * @throws ConvergenceError naming the row whose loss or gradient is not finite
 */
export function statisticsOf<P extends ValuesOf<P>>(
  { losses, squaredNorms, gradient, gradientSquares, squares }: RanMoments,
  {
    count,
    variance,
    parts,
    from,
  }: {
    readonly count: number;
    readonly variance: "rows" | "none";
    readonly parts: readonly StatisticsPart[];
    readonly from: number;
  },
): BatchStatistics<P> {
  const own = gradient as P | undefined; // the structure is that of the parameters
  let gradientNormSquared = 0;
  for (const sums of gradientSquares) for (const value of floatData(sums)) gradientNormSquared += value;
  if (variance === "none") {
    const value = item(losses);
    if (!Number.isFinite(value + gradientNormSquared))
      throw new ConvergenceError(
        `the batch's loss is ${value} and its gradient's squared norm ${gradientNormSquared}`,
      );
    return { count, loss: value, gradient: own, gradientNormSquared, varianceL1: Number.NaN };
  }
  const [values, norms] = [floatData(losses), floatData(squaredNorms[0])];
  let [total, q] = [0, 0];
  for (let i = 0; i < count; i++) {
    if (!Number.isFinite(values[i] + norms[i]))
      throw new RowNotFiniteError(from + i, { loss: values[i], squaredNorm: norms[i] });
    total += values[i];
    q += norms[i];
  }
  // Rounding leaves a little below 0 where the rows agree.
  const unbiased = (squared: number, mean: number) =>
    count > 1 ? Math.max(0, squared - count * mean) / (count - 1) : Number.NaN;
  const statistics: BatchStatistics<P> = {
    count,
    loss: total / count,
    gradient: own,
    gradientNormSquared,
    varianceL1: unbiased(q, gradientNormSquared),
  };
  if (!parts.includes("coordinates")) return statistics;
  const flat = flatNumbers(gradient);
  const coordinateVariance = flatNumbers(squares).map((v, j) => unbiased(v, flat[j] ** 2));
  return { ...statistics, coordinateVariance };
}
