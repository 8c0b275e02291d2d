import { type CompileOptions, compile, floatData, jvp, type Tensor, type Tree } from "@gradus/graph";
import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkGivenOptions, checkOneOf } from "../../check/options.ts";
import type { ValuesOf } from "../../tree/arrays.ts";
import { rowCount, rowRange } from "../../tree/rows.ts";
import { dataSpecs, parameterType, treeSpecs } from "../../tree/signature.ts";
import type { LossFunction } from "../contract.ts";
import type { Settings } from "../settings.ts";
import { settingSpecs, settingValues } from "../settings.ts";
import {
  type GradientStatistics,
  mergeStatistics,
  type StatisticsPart,
  withInnerProducts,
} from "./statistics.ts";
import { statisticsOf, tracedMoments, tracedRowLosses } from "./traced-moments.ts";

export interface GradientStatisticsOptions<P, D, H> extends CompileOptions {
  /** The mean of the losses of a batch's rows, no row's depending on another row. */
  readonly loss: LossFunction<P, D, Record<string, never>, H>;
  /** Structure, shapes and types; the numbers do not matter. */
  readonly parameters: P;
  /** Structure, types and shapes of the rows. */
  readonly data: D;
  readonly settings?: H;
  /** `"none"`: the gradient alone, without variances (which are NaN then). */
  readonly variance?: "rows" | "none";
  /** Statistics in addition to the norm and the variance. */
  readonly parts?: readonly StatisticsPart[];
  /** Rows taken at once; a batch of more is processed in parts, with the same result. All when left out. */
  readonly microBatch?: number;
}

/** The statistics of a batch's gradients, compiled once for batches of any number of rows. */
export interface GradientStatisticsProgram<P extends ValuesOf<P>, D, H> extends Disposable {
  /**
   * @throws ConvergenceError naming the row whose loss or gradient is not finite
   */
  statistics(parameters: P, batch: D, settings?: Partial<H>): Promise<GradientStatistics<P>>;
  dispose(): void;
  /** The gradient and its statistics as an ONNX file. */
  readonly model: Uint8Array<ArrayBuffer>;
}

/**
 * Compiles the gradient of a batch with the statistics of its rows' gradients. Of dense layers no row's gradient is
 * formed: their squared norms are |a_i|^2 |d_i|^2 (Goodfellow, 2015), their sum is A^T D and the sum of their squares
 * (A^2)^T D^2, for the inputs a_i and the derivatives d_i of the outputs. Inner products with the gradient take one
 * forward-mode derivative of the rows' losses. Layers that share weights, as convolutions do, take the gradients of
 * `microBatch` rows at once.
 *
 * @throws ArgumentError when a model has a state, through which rows would depend on one another, or an option or its
 *   value is unknown
 * @throws ShapeError when tracing the loss fails
 */
export async function compileGradientStatistics<
  P extends ValuesOf<P>,
  D extends ValuesOf<D>,
  H extends Settings = Record<string, never>,
>(options: GradientStatisticsOptions<P, D, H>): Promise<GradientStatisticsProgram<P, D, H>> {
  checkGivenOptions("compileGradientStatistics", options, [
    "loss",
    "parameters",
    "data",
    "settings",
    "variance",
    "parts",
    "microBatch",
    "threads",
    "runtime",
  ]);
  const {
    loss,
    parameters: like,
    data,
    settings = {} as H,
    variance = "rows",
    parts = [],
    microBatch,
    threads,
    runtime,
  } = options;
  checkOneOf(["rows", "none"], { variance });
  parts.forEach((part, i) => {
    checkOneOf(["inner-products", "coordinates"], { [`parts[${i}]`]: part });
  });
  if (microBatch !== undefined) checkPositiveInteger({ microBatch });
  rowCount(data);
  const dtype = parameterType(like);
  const signature = {
    parameters: treeSpecs(like),
    batch: dataSpecs(data),
    given: settingSpecs(settings, dtype),
  };
  const traced = tracedMoments<P, D, H>({ loss, dtype, variance, parts });
  const moments = await compile(traced, signature, { threads, runtime });
  const inner = parts.includes("inner-products")
    ? await compile(
        ({ direction, parameters, batch, given }) =>
          jvp((varying: Tree<Tensor>) => tracedRowLosses(loss)(varying, batch, given), parameters, direction)
            .tangent,
        { direction: treeSpecs(like), ...signature },
        { threads, runtime },
      ).catch((error: unknown) => {
        moments.dispose();
        throw error;
      })
    : undefined;

  async function part(
    parameters: P,
    batch: D,
    given: Record<string, number>,
    from: number,
  ): Promise<GradientStatistics<P>> {
    const ran = await moments.run({ parameters, batch, given });
    const statistics = statisticsOf<P>(ran, { count: rowCount(batch, "batch"), variance, parts, from });
    return { ...statistics, gradient: ran.gradient as P }; // the structure is that of the parameters
  }

  const dispose = () => {
    moments.dispose();
    inner?.dispose();
  };
  return {
    async statistics(parameters, batch, changed) {
      const rows = rowCount(batch, "batch");
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
