import { denseMultiply } from "../../linalg/dense.ts";
import { dot } from "../../linalg/vector.ts";
import type { DesignMap } from "../../objectives/design-map.ts";
import type { TargetSurrogate } from "../surrogate.ts";
import type { InnerResult } from "./contract.ts";
import { copyFor } from "./linear-system.ts";

/** The quantities that determine a step size: the squared norm of the gradient and the curvature along it. */
export interface QuadraticLine {
  readonly squaredNorm: number;
  /** d^T (Hessian of S) d along the gradient d. */
  readonly curvature: number;
}

export interface QuadraticDescentOptions {
  readonly steps: number;
  readonly gradientTolerance: number;
  /** The step size; undefined if there is none. */
  readonly chooseStep: (line: QuadraticLine) => number | undefined;
  /** Whether the choice uses the curvature. */
  readonly usesCurvature: boolean;
}

interface Parts {
  readonly design: DesignMap;
  readonly weights: Float64Array;
}

/** The gradient of a quadratic surrogate along a path of descent. */
interface GradientPath {
  /** Overwritten by `move`. */
  readonly gradient: Float64Array;
  /** The curvature along the gradient. */
  curvature(): number;
  /** Moves by -step times the gradient, after `curvature`. */
  move(step: number): void;
}

/** Two passes over the batch per step. */
function byPasses(
  { scale, targetGradient, counts }: TargetSurrogate,
  { design, weights }: Parts,
): GradientPath {
  const cotangents = targetGradient.slice();
  const gradient = new Float64Array(design.columns);
  const product = new Float64Array(design.rows);
  const pull = () => {
    design.adjoint(cotangents, gradient);
    counts.pullback += 1;
    for (let k = 0; k < gradient.length; k++) gradient[k] *= scale;
  };
  pull();
  return {
    gradient,
    curvature() {
      design.product(gradient, product);
      counts.forward += 1;
      let sum = 0;
      for (let i = 0; i < product.length; i++) sum += weights[i] * product[i] * product[i];
      return scale * sum;
    },
    move(step) {
      for (let i = 0; i < cotangents.length; i++) cotangents[i] -= step * weights[i] * product[i];
      pull();
    },
  };
}

const grams = new WeakMap<DesignMap, Float64Array>();

/** X^T X, computed once per matrix. */
function gramOf(design: DesignMap): Float64Array {
  const known = grams.get(design);
  if (known) return known;
  const gram = design.gram(new Float64Array(design.rows).fill(1));
  grams.set(design, gram);
  return gram;
}

/** One product with X^T X per step: for matrices with far more rows than columns. */
function byGram(
  { scale, targetGradient, counts }: TargetSurrogate,
  { design, weights }: Parts,
): GradientPath {
  const gram = gramOf(design);
  const d = design.columns;
  const gradient = new Float64Array(d);
  const product = new Float64Array(d);
  design.adjoint(targetGradient, gradient);
  counts.pullback += 1;
  for (let k = 0; k < d; k++) gradient[k] *= scale;
  const factor = scale * weights[0];
  return {
    gradient,
    curvature() {
      denseMultiply(gram, d, d, gradient, product);
      return factor * dot(gradient, product);
    },
    move(step) {
      for (let k = 0; k < d; k++) gradient[k] -= step * factor * product[k];
    },
  };
}

/**
 * Gradient descent on the surrogate of a linear model, which is quadratic, so the product that gives the curvature
 * along the gradient also gives the next gradient.
 */
export function quadraticDescent(
  surrogate: TargetSurrogate,
  parts: Parts,
  options: QuadraticDescentOptions,
): InnerResult {
  const { steps } = options;
  const { rows, columns } = parts.design;
  const { weights } = parts;
  const small = steps > 1 && columns * columns <= rows && weights.every((w) => w === weights[0]);
  if (small) return descend(byGram(surrogate, parts), surrogate.theta, options);
  using copy = copyFor(parts.design, steps);
  return descend(byPasses(surrogate, { weights, design: copy ?? parts.design }), surrogate.theta, options);
}

/** Steps along the gradients of a path from theta. */
function descend(
  path: GradientPath,
  start: Float64Array,
  { steps, gradientTolerance, chooseStep, usesCurvature }: QuadraticDescentOptions,
): InnerResult {
  const { gradient } = path;
  const theta = start.slice();
  const gradientNorm = Math.sqrt(dot(gradient, gradient));
  let stepSize = Number.NaN;
  const end = (status: InnerResult["status"], made: number): InnerResult => ({
    theta,
    status,
    steps: made,
    stepSize,
    gradientNorm,
  });
  for (let step = 0; step < steps; step++) {
    const squaredNorm = dot(gradient, gradient);
    if (!Number.isFinite(squaredNorm)) return end("not-finite", step);
    if (squaredNorm === 0 || Math.sqrt(squaredNorm) <= gradientTolerance) return end("converged", step);
    const goesOn = step + 1 < steps;
    const curvature = usesCurvature || goesOn ? path.curvature() : Number.NaN;
    const chosen = chooseStep({ squaredNorm, curvature });
    if (chosen === undefined) return end("stalled", step);
    stepSize = chosen;
    for (let k = 0; k < theta.length; k++) theta[k] -= stepSize * gradient[k];
    if (goesOn) path.move(stepSize);
  }
  return end("completed", steps);
}
