import {
  type CompileOptions,
  compile,
  div,
  expandDims,
  flattenTensors,
  floatData,
  isTensor,
  item,
  jvp,
  mapTensors,
  size,
  square,
  sum,
  type Tensor,
  type Tree,
  valueAndGradient,
  vmap,
} from "@gradus/graph";
import { rowRange } from "../../curvature/batches.ts";
import { ArgumentError, ConvergenceError } from "../../errors.ts";
import type { AsTensors, Loss, Settings, Values } from "../contract.ts";
import { dataSpecs, parameterType, rowsOf, settingSpecs, settingValues, treeSpecs } from "../signature.ts";
import { sumOfSquares as sumOfTensorSquares } from "../transformations/norms.ts";
import { requireSizes } from "./require-sizes.ts";
import {
  flatNumbers,
  type GradientStatistics,
  mergeStatistics,
  type StatisticsPart,
  sumOfSquares,
  withInnerProducts,
} from "./statistics.ts";

export interface GradientStatisticsOptions<P, D, H> extends CompileOptions {
  /** The mean of the losses of a batch's rows, no row's depending on another row. */
  readonly loss: Loss<P, D, Record<string, never>, H>;
  /** Structure, shapes and types; the numbers do not matter. */
  readonly parameters: P;
  /** Structure, types and shapes of the rows. */
  readonly data: D;
  readonly settings?: H;
  /** `"none"`: the gradient alone, without variances (which are NaN then). */
  readonly variance?: "rows" | "none";
  /** Statistics beside the norm and the variance. */
  readonly parts?: readonly StatisticsPart[];
  /** Rows taken at once; a batch of more is gone through in parts, with the same result. All when left out. */
  readonly microBatch?: number;
}

/** The statistics of a batch's gradients, compiled once for batches of any number of rows. */
export interface GradientStatisticsProgram<P extends Values, D, H> extends Disposable {
  /**
   * @throws ConvergenceError naming the row whose loss or gradient is not finite
   */
  statistics(parameters: P, batch: D, settings?: Partial<H>): Promise<GradientStatistics<P>>;
  dispose(): void;
  /** The gradient and its statistics as an ONNX file. */
  readonly model: Uint8Array;
}

interface Given<T> {
  readonly parameters: T;
  readonly batch: T;
  readonly given: Record<string, Tensor>;
}

/**
 * Compiles the gradient of a batch with the statistics of its rows' gradients. Of dense layers no row's gradient is
 * formed: their squared norms are |a_i|^2 |d_i|^2 (Goodfellow, 2015), their sum is A^T D and the sum of their squares
 * (A^2)^T D^2, for the inputs a_i and the derivatives d_i of the outputs. Inner products with the gradient take one
 * forward-mode derivative of the rows' losses. Layers that share weights, as convolutions do, take the gradients of
 * `microBatch` rows at once.
 *
 * @throws ArgumentError when a model has a state, through which rows would depend on one another
 * @throws ShapeError when tracing the loss fails
 */
export async function compileGradientStatistics<
  P extends Values,
  D extends Values,
  H extends Settings = Record<string, never>,
>({
  loss,
  parameters: like,
  data,
  settings = {} as H,
  variance = "rows",
  parts = [],
  microBatch,
  threads,
  runtime,
}: GradientStatisticsOptions<P, D, H>): Promise<GradientStatisticsProgram<P, D, H>> {
  if (microBatch !== undefined) requireSizes({ microBatch });
  rowsOf(data);
  const dtype = parameterType(like);
  const signature = {
    parameters: treeSpecs(like),
    batch: dataSpecs(data),
    given: settingSpecs(settings, dtype),
  };
  const lossOf =
    (given: Record<string, Tensor>) =>
    (parameters: Tree<Tensor>, batch: Tree<Tensor>): Tensor => {
      const result = loss(parameters as AsTensors<P>, batch as AsTensors<D>, {
        modelState: {},
        settings: given as { [K in keyof H]: Tensor },
      });
      if (!isTensor(result))
        throw new ArgumentError(
          "loss must not carry a model state: rows that share statistics have no gradients of their own",
        );
      return result;
    };
  const rowLoss =
    (given: Record<string, Tensor>) =>
    (parameters: Tree<Tensor>, row: Tree<Tensor>): Tensor =>
      lossOf(given)(
        parameters,
        mapTensors((entry) => expandDims(entry, 0), row),
      );

  const whole = ({ parameters, batch, given }: Given<Tree<Tensor>>) => {
    const { value, gradient } = valueAndGradient(lossOf(given))(parameters, batch);
    return { losses: value, squaredNorms: [] as Tensor[], gradient, squares: [] as Tree<Tensor> };
  };
  const byRows = ({ parameters, batch, given }: Given<Tree<Tensor>>) => {
    const { value, gradient, squaredNorm } = vmap((row: Tree<Tensor>) => {
      const own = valueAndGradient(rowLoss(given))(parameters, row);
      return { ...own, squaredNorm: sumOfTensorSquares(flattenTensors(own.gradient).leaves) };
    })(batch);
    return {
      losses: value,
      squaredNorms: [squaredNorm],
      gradient: mapTensors((g) => div(sum(g, { axes: 0 }), size([g.shape[0]], dtype)), gradient),
      squares: parts.includes("coordinates")
        ? mapTensors((g) => sum(square(g), { axes: 0 }), gradient)
        : ([] as Tree<Tensor>),
    };
  };
  const moments = await compile(variance === "rows" ? byRows : whole, signature, { threads, runtime });
  const inner = parts.includes("inner-products")
    ? await compile(
        ({ direction, parameters, batch, given }) =>
          jvp(
            (varying: Tree<Tensor>) => vmap((row: Tree<Tensor>) => rowLoss(given)(varying, row))(batch),
            parameters,
            direction,
          ).tangent,
        { direction: treeSpecs(like), ...signature },
        { threads, runtime },
      ).catch((error: unknown) => {
        moments.dispose();
        throw error;
      })
    : undefined;

  async function part(parameters: P, batch: D, given: Record<string, number>, from: number) {
    const { losses, squaredNorms, gradient, squares } = await moments.run({ parameters, batch, given });
    const count = rowsOf(batch, "batch");
    const own = gradient as P;
    const flat = flatNumbers(own);
    const gradientNormSquared = sumOfSquares(flat);
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
        throw new ConvergenceError(
          `row ${from + i} of the batch has loss ${values[i]} and a gradient of squared norm ${norms[i]}`,
        );
      total += values[i];
      q += norms[i];
    }
    // Rounding leaves a little below 0 where the rows agree.
    const unbiased = (squared: number, mean: number) =>
      count > 1 ? Math.max(0, squared - count * mean) / (count - 1) : Number.NaN;
    const statistics: GradientStatistics<P> = {
      count,
      loss: total / count,
      gradient: own,
      gradientNormSquared,
      varianceL1: unbiased(q, gradientNormSquared),
    };
    if (!parts.includes("coordinates")) return statistics;
    const coordinates = flatNumbers(squares);
    const coordinateVariance = coordinates.map((v, j) => unbiased(v, flat[j] ** 2));
    return { ...statistics, coordinateVariance };
  }

  const dispose = () => {
    moments.dispose();
    inner?.dispose();
  };
  return {
    async statistics(parameters, batch, changed) {
      const rows = rowsOf(batch, "batch");
      const given = settingValues(settings, changed);
      const width = microBatch ?? rows;
      const pieces: D[] = [];
      for (let from = 0; from < rows; from += width)
        pieces.push(width >= rows ? batch : rowRange(batch, from, Math.min(from + width, rows)));
      let merged: GradientStatistics<P> | undefined;
      for (const [k, piece] of pieces.entries()) {
        const own = await part(parameters, piece, given, k * width);
        merged = merged ? mergeStatistics(merged, own) : own;
      }
      const statistics = merged!;
      if (!inner) return statistics;
      const products = new Float64Array(rows);
      for (const [k, piece] of pieces.entries()) {
        const tangent = await inner.run({
          direction: statistics.gradient,
          parameters,
          batch: piece,
          given,
        });
        products.set(floatData(tangent), k * width);
      }
      return withInnerProducts(statistics, products);
    },
    dispose,
    model: moments.model,
    [Symbol.dispose]: dispose,
  };
}
