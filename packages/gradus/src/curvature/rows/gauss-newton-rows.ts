import { constant, reshape, type Tensor, vjp, vmap } from "@gradus/graph";
import { ArgumentError } from "../../check/errors.ts";
import { checkOptions } from "../../check/options.ts";
import type { ValuesOf } from "../../tree/arrays.ts";
import { checkProblem } from "../operators/check-problem.ts";
import type { GaussNewtonProblem } from "../operators/gauss-newton.ts";
import { gramSpectrum } from "./gram.ts";
import { type RowBlock, type RowBlocksOptions, rowBlocks } from "./per-example.ts";

const DEFAULT_MEMORY = 2 ** 29;

/** The K unit vectors of the outputs of one row, [K, ...shape]. */
function unitOutputs({ dtype, shape }: Tensor): Tensor {
  const sizes = shape.filter((dimension) => typeof dimension === "number");
  if (sizes.length !== shape.length)
    throw new ArgumentError(`the outputs of one row must have a known shape, got [${shape.join(", ")}]`);
  const size = sizes.reduce((product, dimension) => product * dimension, 1);
  const entries = Float64Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0));
  const units = constant(dtype === "f32" ? Float32Array.from(entries) : entries, [size, size]);
  return reshape(units, [size, ...sizes]);
}

/**
 * The factor of the Gauss-Newton matrix, in blocks of rows of the data: K vectors a_ik = J_i^T B_i e_k for row i, where
 * S_i = B_i B_i^T is the curvature of the loss in the K outputs, so that  G = (1/n) sum_ik a_ik a_ik^T.
 *
 * @throws ArgumentError when the number of outputs is not known at tracing; what `perExampleGradientBlocks` throws
 */
export function gaussNewtonRowBlocks<P extends ValuesOf<P>, D extends ValuesOf<D>>(
  { model, curvature, ...place }: GaussNewtonProblem<P, D>,
  options: RowBlocksOptions = {},
): AsyncGenerator<RowBlock<P>, void, void> {
  return rowBlocks<P, D>(
    place,
    ({ point, parameters, batch }) => {
      const { value, pullback } = vjp(
        (varying: readonly Tensor[]) => model(parameters(varying), batch),
        point,
      );
      return vmap((unit: Tensor) => pullback(curvature.root(value, unit)))(unitOutputs(value));
    },
    options,
  );
}

/**
 * The possibly nonzero eigenvalues of the Gauss-Newton matrix, min(n K, P) numbers for P parameters, from the smaller
 * Gram matrix of its factor. The whole factor is held in memory, 8 n K P bytes, which count toward the memory limit
 * (half a gigabyte by default).
 *
 * @returns descending, >= 0 up to rounding
 * @throws ArgumentError when the factor takes more than the memory limit; what `gaussNewtonRowBlocks` throws
 */
export async function gaussNewtonSpectrum<P extends ValuesOf<P>, D extends ValuesOf<D>>(
  problem: GaussNewtonProblem<P, D>,
  options: { readonly signal?: AbortSignal } = {},
): Promise<Float64Array> {
  checkProblem("gaussNewtonSpectrum", problem, ["model", "curvature"]);
  checkOptions("gaussNewtonSpectrum", options, ["signal"]);
  const { signal } = options;
  const { memoryLimit = DEFAULT_MEMORY } = problem;
  let factor = new Float64Array(0);
  let [count, columns] = [0, 0];
  for await (const { vectors, rows, perRow, total, layout } of gaussNewtonRowBlocks(problem, { signal })) {
    columns = layout.dimension;
    if (count === 0) {
      const bytes = 8 * total * perRow * columns;
      if (bytes > memoryLimit)
        throw new ArgumentError(
          `memoryLimit must be at least ${bytes} bytes for a factor of ${total * perRow} x ${columns}, got ${memoryLimit}`,
        );
      factor = new Float64Array(total * perRow * columns);
    }
    const scale = 1 / Math.sqrt(total);
    for (let i = 0; i < vectors.values.length; i++) factor[count * columns + i] = scale * vectors.values[i];
    count += rows * perRow;
  }
  return gramSpectrum({ rows: count, columns, values: factor });
}
