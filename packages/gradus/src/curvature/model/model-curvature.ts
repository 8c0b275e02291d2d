import { compile, type FloatType, item, type Tensor, type Tree } from "@gradus/graph";
import { ArgumentError } from "../../check/errors.ts";
import { checkOneOf, checkOptions } from "../../check/options.ts";
import { pacer } from "../../iterate/iterate.ts";
import type { LinearOperator } from "../../linalg/operator/contract.ts";
import type { AsTensors, ValuesOf } from "../../tree/arrays.ts";
import { rowCount, rowRange, takeRows } from "../../tree/rows.ts";
import { dataSpecs, treeSpecs } from "../../tree/signature.ts";
import { type LocalHessianVariance, localHessianVariance } from "../batch/hessian-variance.ts";
import type { CurvatureKind } from "../onnx/export-curvature.ts";
import type { CurvatureFile, FileData } from "../onnx/load-curvature.ts";
import { checkProblem } from "../operators/check-problem.ts";
import type { LossProblem } from "../operators/contract.ts";
import { empiricalFisherOperator } from "../operators/fisher.ts";
import { type GaussNewtonProblem, gaussNewtonOperator } from "../operators/gauss-newton.ts";
import { lossHessianOperator } from "../operators/hessian.ts";
import type { ArrayPlace } from "./parameter-groups.ts";

/** A trained model's curvature on its data, traced or from a file. Holds native memory: declare it with `using`. */
export interface ModelCurvature extends Disposable {
  readonly matrix: CurvatureKind;
  /** Where the arrays of the parameters lie in the vector. */
  readonly slots: readonly ArrayPlace[];
  readonly rows: number;
  /** Relative rounding of the parameters' element type: 1.2e-7 or 2.2e-16. */
  readonly rounding: number;
  readonly operator: LinearOperator;
  /** The mean loss over rows `start` .. `end` - 1. */
  loss(start: number, end: number): Promise<number>;
  /** The variance of a single row's matrix along u and across it, estimated from the given rows. */
  localVariance(u: Float64Array, rows: Int32Array, signal?: AbortSignal): Promise<LocalHessianVariance>;
}

/** A traced loss and the curvature matrix to measure. */
export interface ModelCurvatureProblem<P extends ValuesOf<P>, D extends ValuesOf<D>>
  extends Omit<LossProblem<P, D>, "group"> {
  readonly matrix?: CurvatureKind;
  /** For the Gauss-Newton matrix: the outputs of a batch. */
  readonly model?: GaussNewtonProblem<P, D>["model"];
  /** For the Gauss-Newton matrix: the curvature of a row's loss in its outputs. */
  readonly curvature?: GaussNewtonProblem<P, D>["curvature"];
}

function roundingOf(slots: readonly { readonly dtype: FloatType }[]): number {
  return slots.some(({ dtype }) => dtype === "f32") ? 2 ** -23 : Number.EPSILON;
}

/**
 * The variance over single rows from one product per row, about the exact mean; over all N rows the divisor is N - 1.
 */
async function varianceByRows(
  { operator, total }: { readonly operator: LinearOperator; readonly total: number },
  ofRow: (row: number) => LinearOperator,
  u: Float64Array,
  rows: Int32Array,
  signal: AbortSignal | undefined,
): Promise<LocalHessianVariance> {
  const [mean, product] = [new Float64Array(u.length), new Float64Array(u.length)];
  await operator.apply(u, mean);
  let [along, all] = [0, 0];
  const pace = pacer();
  const weight = total / (total - 1) / rows.length;
  for (const row of rows) {
    const turn = pace();
    if (turn) await turn;
    signal?.throwIfAborted();
    await ofRow(row).apply(u, product);
    let [projection, squares] = [0, 0];
    for (let j = 0; j < u.length; j++) {
      const deviation = product[j] - mean[j];
      projection += u[j] * deviation;
      squares += deviation ** 2;
    }
    along += weight * projection ** 2;
    all += weight * squares;
  }
  return { along, across: all - along };
}

function operatorOf<P extends ValuesOf<P>, D extends ValuesOf<D>>(problem: ModelCurvatureProblem<P, D>) {
  const { loss, matrix = "hessian", model, curvature, ...place } = problem;
  checkOneOf(["hessian", "gauss-newton", "empirical-fisher"], { matrix });
  if (matrix === "hessian") return lossHessianOperator<P, D>({ ...place, loss });
  if (matrix === "empirical-fisher") return empiricalFisherOperator<P, D>({ ...place, loss });
  if (!model || !curvature)
    throw new ArgumentError(
      `the Gauss-Newton matrix needs model and curvature, ${model ? "curvature" : "model"} is missing`,
    );
  return gaussNewtonOperator<P, D>({ ...place, model, curvature });
}

/**
 * The curvature of a traced loss at its parameters, for `measureSpectrum`.
 *
 * @throws what the matrix's operator throws; ArgumentError for an unknown matrix, or a Gauss-Newton matrix without
 *   `model` or `curvature`
 */
export async function modelCurvature<P extends ValuesOf<P>, D extends ValuesOf<D>>(
  problem: ModelCurvatureProblem<P, D>,
): Promise<ModelCurvature> {
  checkProblem("modelCurvature", problem, ["loss", "matrix", "model", "curvature"]);
  const { loss, parameters, data, memoryLimit, threads, runtime, matrix = "hessian" } = problem;
  const operator = await operatorOf(problem);
  const traced = (given: { readonly parameters: Tree<Tensor>; readonly batch: Tree<Tensor> }) =>
    loss(given.parameters as AsTensors<P>, given.batch as AsTensors<D>); // structures of parameters and data
  const specs = { parameters: treeSpecs(parameters), batch: dataSpecs(data) };
  const program = await compile(traced, specs, { threads, runtime }).catch((error: unknown) => {
    operator.dispose();
    throw error;
  });
  const rows = rowCount(data);
  const { slots } = operator.layout;
  return {
    matrix,
    slots,
    rounding: roundingOf(slots),
    rows,
    operator,
    loss: async (start, end) => item(await program.run({ parameters, batch: rowRange(data, start, end) })),
    localVariance(u, sample, signal) {
      if (matrix === "hessian") {
        const some = { loss, parameters, data: takeRows(data, sample), memoryLimit, threads, runtime };
        return localHessianVariance(some, u, { signal });
      }
      const ofRow = (row: number) => operator.at({ data: takeRows(data, [row]) });
      return varianceByRows({ operator, total: rows }, ofRow, u, sample, signal);
    },
    [Symbol.dispose]() {
      operator.dispose();
      void program.dispose();
    },
  };
}

/**
 * The curvature of a file from `exportCurvature`, on data, for `measureSpectrum`. Disposing of it also disposes of the
 * file.
 *
 * @throws what `CurvatureFile.on` throws
 */
export function fileCurvature(
  file: CurvatureFile,
  data: FileData,
  options: { readonly memoryLimit?: number } = {},
): ModelCurvature {
  checkOptions("fileCurvature", options, ["memoryLimit"]);
  const operator = file.on(data, options);
  const rows = rowCount(data);
  return {
    matrix: file.matrix,
    slots: file.slots,
    rounding: roundingOf(file.slots),
    rows,
    operator,
    loss: (start, end) => file.loss(rowRange(data, start, end)),
    localVariance: (u, sample, signal) =>
      varianceByRows({ operator, total: rows }, (row) => file.on(takeRows(data, [row])), u, sample, signal),
    [Symbol.dispose]: () => file.dispose(),
  };
}
