import { loadDataset } from "gradus/data";
import type { Method } from "gradus/iterate";
import { csrFromDense } from "gradus/linalg";
import {
  linearRegression,
  linearResidual,
  logisticRegression,
  logSumExpObjective,
  type Objective,
  residualPower,
  withRidge,
} from "gradus/objectives";
import {
  type DescentIterate,
  denseMetric,
  gnsNewton,
  type MinimizeOptions,
  type Minimum,
  minimize,
} from "gradus/optimize";
import type { Inputs } from "../input-files.ts";
import { sizes } from "../sizes.ts";
import type { Runner } from "../worker.ts";

const { gap, residual, ridge, gradient, logSumExp: size } = sizes.newton;
/** Keeps a singular A^T A positive definite. */
const SHIFT = 1e-8;

function load(inputs: Inputs, name: string, rows: number, columns: number) {
  const numbers = (part: string) => Float64Array.from(inputs[`${name}.${part}`].data, Number);
  return { A: { rows, columns, values: numbers("A") }, b: numbers("b") };
}

/** The metric A^T A + 1e-8 I, made anew in every solution. */
function gramMetric(A: ReturnType<typeof load>["A"]) {
  const B = linearRegression(A, new Float64Array(A.rows)).hessian(new Float64Array(A.columns));
  for (let j = 0; j < A.columns; j++) B.values[j * (A.columns + 1)] += SHIFT;
  return denseMetric(B);
}

function solution(
  objective: Objective,
  x0: Float64Array,
  options: () => MinimizeOptions<typeof gnsNewton>,
): Runner {
  return runnerOf(() => minimize(objective, x0, { method: gnsNewton, gradientTolerance: 0, ...options() }));
}

function runnerOf(call: () => Promise<Minimum>): Runner {
  let iterations = 0;
  return {
    reset() {},
    call,
    unitsPerCall: 1,
    async check() {
      const found = await call();
      if (found.status !== "converged") throw new Error(`ended with ${found.status}`);
      iterations = found.iterations;
      return [found.value];
    },
    iterations: () => iterations,
  };
}

/** Log-sum-exp, rows shifted so that 0 is its minimum, in the metric of its matrix. */
export function logSumExpMinimum(inputs: Inputs, hessian: string): Runner {
  const { A: raw, b } = load(inputs, "newton.log-sum-exp", size, size);
  const zeros = new Float64Array(size);
  const shift = logSumExpObjective(raw, b).gradient(zeros);
  const A = { ...raw, values: raw.values.map((value, k) => value - shift[k % size]) };
  const objective = logSumExpObjective(A, b);
  const x0 = new Float64Array(size).fill(1);
  return solution(objective, x0, () => ({
    hessian,
    metric: gramMetric(A),
    optimum: objective.value(zeros),
    valueTolerance: gap,
  }));
}

/** A power of an affine residual, in the metric of its matrix; the values at the end are 0 beside the first. */
export function residualMinimum(inputs: Inputs, hessian: string): Runner {
  const { rows, power, target } = residual;
  const { A, b } = load(inputs, "newton.residual", rows, 2 * rows);
  const objective = residualPower(linearResidual(A, b), { power });
  const x0 = new Float64Array(2 * rows).fill(1);
  const first = objective.value(x0);
  const runner = solution(objective, x0, () => ({
    hessian,
    metric: gramMetric(A),
    optimum: 0,
    valueTolerance: target * first,
  }));
  return {
    ...runner,
    async check() {
      const [last] = await runner.check();
      return [first, last <= target * first ? 1 : 0];
    },
  };
}

async function mushrooms() {
  const { x, y } = await loadDataset("mushrooms");
  const labels = y.map((label) => (label === 0 ? 1 : -1));
  return withRidge(logisticRegression(csrFromDense(x), labels), ridge);
}

/** Logistic regression with a ridge term on mushrooms, sparse, from 0. */
export async function logisticFit(hessian: string): Promise<Runner> {
  const objective = await mushrooms();
  const x0 = new Float64Array(objective.dimension);
  return solution(objective, x0, () => ({ hessian, gradientTolerance: gradient }));
}

/** The same by another method, with its defaults. */
export async function logisticMinimum(
  method: (objective: Objective, x0: Float64Array) => Method<DescentIterate>,
): Promise<Runner> {
  const objective = await mushrooms();
  return runnerOf(() =>
    minimize(objective, new Float64Array(objective.dimension), { method, gradientTolerance: gradient }),
  );
}

/** Logistic regression with a ridge term on a dense normal design of `columns` columns, from 0. */
export function denseLogisticFit(inputs: Inputs, columns: number, hessian: string): Runner {
  const { A, b: labels } = load(inputs, `scaling.logistic.${columns}`, sizes.scaling.logistic.rows, columns);
  const objective = withRidge(logisticRegression(A, labels), ridge);
  return solution(objective, new Float64Array(columns), () => ({ hessian, gradientTolerance: gradient }));
}
