import { ArgumentError } from "../../check/errors.ts";
import { checkPositive } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import { extremeEigenpairs } from "../../linalg/krylov/extreme-eigenpairs.ts";
import { norm2 } from "../../linalg/vector.ts";
import type { DesignMap } from "../../objectives/design-map.ts";
import type { TargetSurrogate } from "../surrogate.ts";
import type { InnerResult, InnerSolver } from "./contract.ts";
import { quadraticDescent } from "./descent.ts";
import { quadraticParts } from "./linear-system.ts";

const largestEigenvalues = new WeakMap<DesignMap, number>();

/** lambda_max(X^T X), computed once per matrix. */
async function largestEigenvalue(design: DesignMap): Promise<number> {
  const known = largestEigenvalues.get(design);
  if (known !== undefined) return known;
  const between = new Float64Array(design.rows);
  const { values } = await extremeEigenpairs(
    {
      rows: design.columns,
      columns: design.columns,
      symmetric: true,
      apply(x, out) {
        design.product(x, between);
        design.adjoint(between, out);
      },
    },
    { count: 1 },
  );
  largestEigenvalues.set(design, values[0]);
  return values[0];
}

/** 1 / beta, where beta >= the largest eigenvalue of a quadratic surrogate's Hessian. */
async function inverseSmoothness(surrogate: TargetSurrogate): Promise<number> {
  const parts = quadraticParts(surrogate);
  if (parts === undefined)
    throw new ArgumentError(
      'inner "gradientDescent" derives its step size from the smoothness of linear models; for other models use innerGradientDescent({ stepSize })',
    );
  const heaviest = parts.weights.reduce((most, w) => Math.max(most, w), 0);
  return 1 / (surrogate.scale * heaviest * (await largestEigenvalue(parts.design)));
}

async function generalDescent(
  { objective, theta: start }: TargetSurrogate,
  { steps, stepSize }: { steps: number; stepSize: number },
): Promise<InnerResult> {
  let theta = start;
  let gradientNorm = Number.NaN;
  for (let step = 0; step < steps; step++) {
    const gradient = await objective.gradient(theta);
    const length = norm2(gradient);
    if (step === 0) gradientNorm = length;
    const status = Number.isFinite(length) ? (length === 0 ? "converged" : undefined) : "not-finite";
    if (status) return { theta, status, steps: step, stepSize, gradientNorm };
    theta = theta.map((value, k) => value - stepSize * gradient[k]);
  }
  return { theta, status: "completed", steps, stepSize, gradientNorm };
}

export interface InnerGradientDescentOptions {
  /**
   * Defaults, for a linear model, to 1 / beta with the surrogate's smoothness beta = lambda_max(X_R^T X_R / |R|) / eta.
   */
  readonly stepSize?: number;
}

/**
 * Inner gradient descent with a constant step size. With one inner step it is stochastic gradient descent.
 *
 * @throws ArgumentError when a given step size is not finite and > 0; from the solver, when the model is not linear and
 *   no step size is given
 */
export function innerGradientDescent(options: InnerGradientDescentOptions = {}): InnerSolver {
  checkOptions("innerGradientDescent", options, ["stepSize"]);
  const { stepSize } = options;
  if (stepSize !== undefined) checkPositive({ stepSize });
  return async (surrogate, { steps }) => {
    const step = stepSize ?? (await inverseSmoothness(surrogate));
    const parts = quadraticParts(surrogate);
    if (parts)
      return quadraticDescent(surrogate, parts, {
        steps,
        gradientTolerance: 0,
        chooseStep: () => step,
        usesCurvature: false,
      });
    return generalDescent(surrogate, { steps, stepSize: step });
  };
}
