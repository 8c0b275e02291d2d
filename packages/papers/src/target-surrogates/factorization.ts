import { array, matmul } from "@gradus/graph";
import { matrixFactorization } from "gradus/data";
import { cholesky, type DenseMatrix, denseMatrix, singularValues, solveLeastSquares } from "gradus/linalg";
import { squaredLoss } from "gradus/losses";
import { randomStream } from "gradus/random";
import {
  innerArmijo,
  innerGradientDescent,
  type SsoOptions,
  sso,
  targetLoss,
  targetProblem,
  tracedTargets,
} from "gradus/target-surrogates";
import type { ExperimentRun, Point, Show } from "../experiment.ts";

const ROWS = 1000;
const INPUTS = 6;
const OUTPUTS = 10;
const STEPS = 50;

export interface FactorizationRuns {
  /** Loss over its start, before outer step 0, 1, ..., 50, by method. */
  readonly curves: Readonly<Record<"SSO, m = 10" | "gradient descent, step 0.3", number[]>> & {
    /** Only for ranks at which the smallest loss is positive. */
    readonly "SSO, m = 30"?: number[];
  };
  /** The smallest loss of matrices of this rank, over the initial loss. */
  readonly floor: number;
}

/**
 * Half the sum of squared singular values beyond the rank of C^T W, where C C^T = X^T X / n and W is the least-squares
 * solution (Eckart and Young, 1936, in the metric of the data).
 */
function leastLoss(x: DenseMatrix, y: DenseMatrix, rank: number): number {
  const W = solveLeastSquares(x, y).x;
  const gram = new Float64Array(INPUTS * INPUTS);
  for (let i = 0; i < ROWS; i++)
    for (let j = 0; j < INPUTS; j++)
      for (let k = 0; k < INPUTS; k++)
        gram[j * INPUTS + k] += (x.values[i * INPUTS + j] * x.values[i * INPUTS + k]) / ROWS;
  const { L } = cholesky(denseMatrix(gram, INPUTS, INPUTS));
  const product = new Float64Array(INPUTS * OUTPUTS);
  for (let j = 0; j < INPUTS; j++)
    for (let k = j; k < INPUTS; k++)
      for (let q = 0; q < OUTPUTS; q++)
        product[j * OUTPUTS + q] += L.values[k * INPUTS + j] * W.values[k * OUTPUTS + q];
  return singularValues(denseMatrix(product, INPUTS, OUTPUTS))
    .slice(rank)
    .reduce((sum, s) => sum + (s * s) / 2, 0);
}

type MethodName = keyof FactorizationRuns["curves"];

export interface FactorizationOptions {
  readonly seed: number;
  readonly signal: AbortSignal;
  /** Of each point of a method's curve. */
  readonly show?: (name: MethodName) => Show<Point>;
}

/** A two-layer linear network of the given width on one problem, by three methods. */
export async function* factorizationRuns(
  width: number,
  { seed, signal, show = () => () => [] }: FactorizationOptions,
): ExperimentRun<FactorizationRuns> {
  const { x, y } = matrixFactorization({ n: ROWS, inputs: INPUTS, outputs: OUTPUTS, seed });
  const stream = randomStream(seed).split("network");
  const weights = (rows: number, columns: number) => {
    const size = 1 / Math.sqrt(rows);
    return array(
      Float64Array.from({ length: rows * columns }, () => stream.uniform(-size, size)),
      [rows, columns],
    );
  };
  const inputs = array(x);
  using traced = await tracedTargets({
    model: ({ first, second }, rows) => matmul(matmul(rows, first), second),
    parameters: { first: weights(INPUTS, width), second: weights(width, OUTPUTS) },
    inputs,
  });
  const problem = targetProblem(traced.on(inputs), targetLoss(squaredLoss, y.values, { outputs: OUTPUTS }));
  let start = Number.NaN;
  async function* curve(name: MethodName, options: SsoOptions): ExperimentRun<number[]> {
    const losses: number[] = [];
    for await (const { iteration, batchLoss } of sso(problem, traced.theta, {
      ...options,
      eta: 0.5,
      signal,
    })) {
      if (batchLoss !== undefined) {
        losses.push(batchLoss);
        start = losses[0];
        yield* show(name)({ x: losses.length - 1, y: batchLoss / start });
      }
      // An iterate reports the loss before its step, so one more step reports the last loss.
      if (iteration > STEPS) break;
    }
    return losses.map((loss) => loss / start);
  }
  const curves = {
    "SSO, m = 10": yield* curve("SSO, m = 10", { innerSteps: 10, inner: innerArmijo() }),
    ...(width < INPUTS && {
      "SSO, m = 30": yield* curve("SSO, m = 30", { innerSteps: 30, inner: innerArmijo() }),
    }),
    "gradient descent, step 0.3": yield* curve("gradient descent, step 0.3", {
      innerSteps: 1,
      inner: innerGradientDescent({ stepSize: 0.3 }),
    }),
  };
  return { curves, floor: leastLoss(x, y, width) / start };
}
