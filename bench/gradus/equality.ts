import { DataMissingError } from "gradus/check";
import { loadDataset, loadLibsvmDataset } from "gradus/data";
import { solve } from "gradus/iterate";
import {
  csrFromDense,
  denseMatrix,
  gmres,
  luFactorize,
  luSolve,
  matrixOperator,
  minres,
  norm2,
} from "gradus/linalg";
import { type DesignMatrix, logisticRegression } from "gradus/objectives";
import {
  affineConstraints,
  type EqualityProblem,
  type EqualityResult,
  equalityTestProblems,
  type MinimizeEqualityOptions,
  minimizeEquality,
  sketchAndProject,
  sphereConstraint,
  subjectTo,
} from "gradus/optimize";
import { equalitySizes } from "../equality-sizes.ts";
import type { Inputs } from "../input-files.ts";
import type { Runner } from "../worker.ts";

const methods: Readonly<Record<"exact" | "rows", MinimizeEqualityOptions>> = {
  exact: { sketch: "exact" },
  rows: { sketch: "kaczmarz", equilibrate: true },
};
export type EqualityMethod = keyof typeof methods;

function runner(solveAll: () => Promise<readonly EqualityResult[]>): Runner {
  let iterations = 0;
  return {
    reset() {},
    call: solveAll,
    unitsPerCall: 1,
    async check() {
      const results = await solveAll();
      iterations = results.reduce((sum, result) => sum + result.iterations, 0);
      if (results.some(({ status }) => status !== "converged"))
        throw new Error("not all problems were solved");
      return [results.reduce((sum, { value }) => sum + value, 0)];
    },
    iterations: () => iterations,
  };
}

/** The 21 problems from their starts. */
export function smallProblems(method: EqualityMethod): Runner {
  const { tolerance } = equalitySizes;
  return runner(async () => {
    const results: EqualityResult[] = [];
    for (const { problem, start } of equalityTestProblems)
      results.push(await minimizeEquality(problem, start, { ...methods[method], tolerance }));
    return results;
  });
}

interface Labeled {
  readonly x: DesignMatrix;
  /** -1 or 1. */
  readonly labels: Float64Array;
}

async function mushrooms(): Promise<Labeled> {
  const { x, y } = await loadDataset("mushrooms");
  return { x: csrFromDense(x), labels: Float64Array.from(y, (label) => 2 * label - 1) };
}

/** The first rows of the splice junctions, each feature from -1 to 1. */
async function splice(): Promise<Labeled> {
  const { x, y } = await loadLibsvmDataset("splice").catch((error) => {
    // its own message names the folder, which is nobody's business in the table
    if (error instanceof DataMissingError)
      throw new Error("splice.libsvm.txt is not in the folder that GRADUS_DATA_DIR names", { cause: error });
    throw error;
  });
  const { spliceRows: rows } = equalitySizes;
  const values = new Float64Array(rows * x.columns);
  for (let i = 0; i < rows; i++)
    for (let k = x.rowPointers[i]; k < x.rowPointers[i + 1]; k++)
      values[i * x.columns + x.columnIndices[k]] = x.values[k];
  for (let j = 0; j < x.columns; j++) {
    const column = Float64Array.from({ length: rows }, (_, i) => values[i * x.columns + j]);
    const [least, most] = [Math.min(...column), Math.max(...column)];
    column.forEach((value, i) => {
      values[i * x.columns + j] = (2 * (value - least)) / (most - least) - 1;
    });
  }
  return { x: { rows, columns: x.columns, values }, labels: y.slice(0, rows) };
}

export const labeledSets = { mushrooms, splice };

/** A drawn design of `fit-logistic`. */
export function drawnSet(inputs: Inputs, rows: number, columns: number): Labeled {
  const numbers = (part: string) =>
    Float64Array.from(inputs[`fit-logistic-${rows}-${columns}.${part}`].data, Number);
  return { x: { rows, columns, values: numbers("values") }, labels: numbers("y") };
}

/** Logistic regression with A_ij = cos((i + 1)(j + 1)), A x = 0.05, ||x|| = 1, from ones. */
export async function constrainedLogistic(
  load: () => Labeled | Promise<Labeled>,
  method: EqualityMethod,
): Promise<Runner> {
  const { tolerance, equations } = equalitySizes;
  const { x, labels } = await load();
  const n = x.columns;
  const A = Float64Array.from({ length: equations * n }, (_, k) => {
    const [i, j] = [Math.floor(k / n), k % n];
    return Math.cos((i + 1) * (j + 1));
  });
  const make = (): EqualityProblem =>
    subjectTo(
      logisticRegression(x, labels),
      affineConstraints(denseMatrix(A, equations, n), new Float64Array(equations).fill(0.05)),
      sphereConstraint(n),
    );
  return runner(async () => [
    await minimizeEquality(make(), new Float64Array(n).fill(1), { ...methods[method], tolerance }),
  ]);
}

/** Entry (i, j) of the reflection I - 2 v v^T / v^T v with v_k = 1 + k mod `period`. */
function reflection(n: number, period: number): (i: number, j: number) => number {
  const v = Float64Array.from({ length: n }, (_, k) => 1 + (k % period));
  const square = v.reduce((sum, value) => sum + value * value, 0);
  return (i, j) => (i === j ? 1 : 0) - (2 * v[i] * v[j]) / square;
}

function system(d: number) {
  const n = (4 * d) / 5;
  const [Q, P] = [reflection(n, 7), reflection(n, 5)];
  const K = new Float64Array(d * d);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++)
      for (let k = 0; k < n; k++) K[i * d + j] += Q(i, k) * (1 + (2 * k) / (n - 1)) * Q(j, k);
  for (let i = 0; i < d - n; i++)
    for (let j = 0; j < n; j++) {
      K[(n + i) * d + j] = 1.5 * P(i, j);
      K[j * d + n + i] = 1.5 * P(i, j);
    }
  return { K, b: Float64Array.from({ length: d }, (_, i) => Math.sin(i + 1)) };
}

export type SystemSolver = "rows" | "gmres-2" | "gmres" | "minres" | "lu";

/** A well-conditioned Newton system to a relative residual of 1e-6. */
export function newtonSystem(d: number, by: SystemSolver): Runner {
  const { K, b } = system(d);
  const operator = matrixOperator(denseMatrix(K, d, d), { symmetric: true });
  const relativeTolerance = equalitySizes.residual;
  const call = async (): Promise<Float64Array> => {
    if (by === "lu") return luSolve(luFactorize(denseMatrix(K, d, d)), b);
    if (by === "rows")
      return (await solve(sketchAndProject({ rows: d, columns: d, values: K }, b, { relativeTolerance })))
        .iterate.x;
    if (by === "minres") return (await solve(minres(operator, b, { relativeTolerance }))).iterate.x;
    const restart = by === "gmres" ? d : 2;
    return (await solve(gmres(operator, b, { restart, relativeTolerance }))).iterate.x;
  };
  return { reset() {}, call, unitsPerCall: 1, check: async () => [norm2(await call())] };
}
