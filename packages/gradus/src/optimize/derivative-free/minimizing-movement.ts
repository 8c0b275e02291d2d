import { checkPositive } from "../../check/numbers.ts";
import { checkFunction, checkGivenOptions } from "../../check/options.ts";
import { type Iterate, iterates, type Method, type MethodOptions } from "../../iterate/iterate.ts";
import { checkPoint, type MaybePromise, type Objective, whenReady } from "../../objectives/objective.ts";
import { minimize } from "../minimize.ts";

/** Minimizes an objective from a point. */
export type ProximalSolver = (objective: Objective, x: Float64Array) => MaybePromise<Float64Array>;

export interface MinimizingMovementOptions extends MethodOptions<MovementState> {
  /** tau > 0. */
  readonly stepSize: number;
  /** Finds the minimizer of a step from the point before it; L-BFGS to a gradient of 1e-10 unless another is given. */
  readonly solver?: ProximalSolver;
}

/** Plain data from which the minimizing movement continues. */
export interface MovementState {
  readonly x: Float64Array;
  /** E(x). */
  readonly value: number;
}

/** What an iterate of the minimizing movement shows. */
export interface MovementView {
  readonly x: Float64Array;
  readonly value: number;
}

/** An iterate of the minimizing movement. */
export type MovementIterate = Iterate<MovementState> & MovementView;

const byLbfgs: ProximalSolver = async (objective, x) =>
  (await minimize(objective, x, { gradientTolerance: 1e-10 })).x;

/**
 * E(y) + ||y - x||^2 / (2 tau) as an objective of y.
 *
 * @throws ArgumentError unless stepSize > 0 and x is a finite point of the objective's dimension
 */
export function proximalObjective(objective: Objective, x: Float64Array, stepSize: number): Objective {
  const { dimension } = objective;
  checkPositive({ stepSize });
  checkPoint(x, dimension);
  const square = (y: Float64Array): number => {
    let sum = 0;
    for (let j = 0; j < dimension; j++) sum += (y[j] - x[j]) * (y[j] - x[j]);
    return sum / (2 * stepSize);
  };
  const pulled = (y: Float64Array, gradient: Float64Array): Float64Array =>
    gradient.map((slope, j) => slope + (y[j] - x[j]) / stepSize);
  return {
    dimension,
    value: (y) => whenReady(objective.value(y), (value) => value + square(y)),
    gradient: (y) => whenReady(objective.gradient(y), (gradient) => pulled(y, gradient)),
    valueAndGradient: (y) =>
      whenReady(objective.valueAndGradient(y), ({ value, gradient }) => ({
        value: value + square(y),
        gradient: pulled(y, gradient),
      })),
  };
}

/**
 * The minimizing movement scheme (implicit Euler steps, the proximal point method)
 *
 *     x_k = argmin_y E(y) + ||y - x_(k-1)||^2 / (2 tau).
 *
 * On a nonconvex objective the solver's local minimizer counts as the step.
 * Sources: De Giorgi 1993; Rockafellar 1976, "Monotone operators and the proximal point algorithm".
 *
 * @throws ArgumentError when stepSize is not > 0, x0 is no finite point of the dimension, or an option is unknown
 * @throws what the solver throws, and the signal's reason when `signal` is aborted
 */
export function minimizingMovement(
  objective: Objective,
  x0: Float64Array,
  options: MinimizingMovementOptions,
): Method<MovementIterate> {
  checkGivenOptions("minimizingMovement", options, ["stepSize", "solver", "resume", "signal"]);
  const { stepSize, solver = byLbfgs, resume, signal } = options;
  checkPositive({ stepSize });
  checkFunction({ solver });
  checkPoint(x0, objective.dimension, "x0");
  const stateAt = async (x: Float64Array): Promise<MovementState> => ({ x, value: await objective.value(x) });
  return iterates(
    {
      fields: { x: objective.dimension, value: undefined },
      start: () => stateAt(Float64Array.from(x0)),
      step: async ({ x }: MovementState) =>
        stateAt(await solver(proximalObjective(objective, x, stepSize), x.slice())),
      view: ({ x, value }: MovementState) => ({ x, value }),
    },
    { resume, signal },
  );
}
