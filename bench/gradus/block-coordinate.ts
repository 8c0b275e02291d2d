import { solve } from "gradus/iterate";
import {
  type CsrMatrix,
  checkCsr,
  conjugateGradient,
  factoredPreconditioner,
  incompleteCholesky,
  multiply,
  multiplyTransposed,
} from "gradus/linalg";
import {
  type BlockCoordinateOptions,
  type BlockProblem,
  blockCoordinateDescent,
  blockCoordinateIterates,
  blockLeastSquares,
  blockQuadratic,
  forestPartition,
  nonnegativeL1,
} from "gradus/optimize";
import type { Inputs } from "../input-files.ts";
import { sizes } from "../sizes.ts";
import type { Runner } from "../worker.ts";

/** The matrix and the vector of a case; a square matrix unless the columns are given. */
function load(inputs: Inputs, name: string, columns?: number) {
  const get = (part: string) => inputs[`${name}.${part}`].data;
  const rowPointers = Int32Array.from(get("pointers"), Number);
  const c = Float64Array.from(get("c"), Number);
  const rows = rowPointers.length - 1;
  const A: CsrMatrix = checkCsr({
    rows,
    columns: columns ?? rows,
    rowPointers,
    columnIndices: Int32Array.from(get("indices"), Number),
    values: Float64Array.from(get("values"), Number),
  });
  return { A, c };
}

/** A design among the inputs, lambda over lambda_max, and the size of the blocks. */
export interface LassoSize {
  readonly name: string;
  readonly columns: number;
  readonly ratio: number;
  readonly blockSize: number;
}

/** The nonnegative lasso from the matrix by columns to a relative gap of 1e-8, by exact models of variable blocks. */
export async function lasso(
  inputs: Inputs,
  { name, columns: n, ratio, blockSize }: LassoSize,
): Promise<Runner> {
  const { A, c } = load(inputs, name, n);
  const smooth = blockLeastSquares(A, c); // its matrix by columns, as scikit-learn gets it
  const lambda = ratio * multiplyTransposed(A, c).reduce((most, g) => Math.max(most, g), 0);
  const problem = () => nonnegativeL1(smooth, lambda);
  const best = await blockCoordinateDescent(problem(), { blockSize, stop: { kkt: 1e-10 * lambda } });
  const gap = 1e-8 * (best.trace[0].f - best.value);
  const call = () => blockCoordinateDescent(problem(), { blockSize, stop: { gap, fStar: best.value } });
  return {
    reset() {},
    call,
    unitsPerCall: 1,
    check: async () => [(await call()).value, best.activeSet?.support.length ?? 0],
  };
}

/** Iterations from 0, compared after `checked` of them. */
function steps(
  problem: BlockProblem,
  options: BlockCoordinateOptions,
  count: number,
  checked: number,
): Runner {
  const run = async (maxIterations: number) => {
    const { iterate } = await solve(blockCoordinateIterates(problem, options), { maxIterations });
    return iterate.value;
  };
  return { reset() {}, call: () => run(count), unitsPerCall: count, check: async () => [await run(checked)] };
}

/** Greedy iterations on least squares: variable blocks by the diagonal rule, matrix updates. */
export function greedySteps(inputs: Inputs): Runner {
  const { A, c } = load(inputs, "lasso", sizes.lasso.columns);
  const { steps: count, blockSize } = sizes.lasso;
  return steps(blockLeastSquares(A, c), { blockSize, select: "gsd", update: "matrix" }, count, count);
}

/** Greedy trees on the lattice by message passing; later trees depend on the rounding of gradients that are 0. */
export function treeSteps(inputs: Inputs): Runner {
  const { A, c } = load(inputs, "lattice");
  return steps(blockQuadratic(A, c), { select: "forest" }, sizes.lattice.steps, 1);
}

/** A lattice's system to a relative gap of 1e-8 in its energy: two fixed trees, or conjugate gradients. */
export async function latticeSystem(inputs: Inputs, by: "trees" | "cg", name = "lattice"): Promise<Runner> {
  const { A, c } = load(inputs, name);
  const cg = (relativeTolerance: number) =>
    solve(
      conjugateGradient(A, c, {
        relativeTolerance,
        preconditioner: factoredPreconditioner(incompleteCholesky(A)),
      }),
    );
  const energy = (x: Float64Array) => {
    const image = multiply(A, x);
    return x.reduce((sum, value, i) => sum + value * (image[i] / 2 - c[i]), 0);
  };
  const fStar = energy((await cg(1e-13)).iterate.x);
  const trees = () =>
    blockCoordinateDescent(blockQuadratic(A, c), {
      blocks: forestPartition(A),
      stop: { gap: 1e-8 * -fStar, fStar },
    });
  const call = async () => (by === "trees" ? (await trees()).x : (await cg(1e-5)).iterate.x);
  return { reset() {}, call, unitsPerCall: 1, check: async () => [energy(await call())] };
}
