import { type RandomStream, randomStream } from "../../random/stream.ts";
import type { SplittingState } from "./admm-state.ts";
import type { PatternSystem } from "./pattern-system.ts";
import type { CheckedProblem } from "./problem.ts";
import { type Factor, productInto, productTransposedInto, zeroMatrix } from "./products.ts";

/** Picks of blocks per iteration, in units of the number of blocks 2P. */
const CHECK_AFTER = 1;
const MOST_PICKS = 5;
const SMALL_CHANGE = 1e-3;
const SUFFICIENT = 1e-4;
const TRIALS = 40;

/**
 * Minimizes  phi(F u) + (rho/2) |u - v + lambda|^2 + (rho/2) |G u - s + nu|^2  over u approximately, by gradient steps on
 * blocks picked at random: each by Armijo backtracking from twice the step last accepted, until 2P picks have changed the
 * outputs by less than 1e-3 (1 + |F u|), or 10P were made. A pick takes 4 n d flops. Returns the flops of its products.
 */
export function blockUpdate(problem: CheckedProblem, system: PatternSystem, seed: number) {
  const { loss, y, design } = problem;
  const { count: P } = system.patterns;
  const { rows: n, columns: d } = design;
  const { masks } = system;
  const root = randomStream(seed);
  const X: Factor = system.design;
  const inputs = zeroMatrix(2 * P, n);
  const outputs = new Float64Array(n);
  const start = new Float64Array(n);
  const row = zeroMatrix(1, n);
  const gradient = zeroMatrix(1, d);
  const image = zeroMatrix(1, n);
  const steps = new Float64Array(2 * P);
  let flops = 0;

  function refresh(u: Float64Array): void {
    flops += productTransposedInto({ rows: 2 * P, columns: d, values: u }, X, inputs);
    outputs.fill(0);
    const half = P * n;
    for (let i = 0, at = 0; i < P; i++)
      for (let k = 0; k < n; k++, at++)
        outputs[k] += masks[at] * (inputs.values[at] - inputs.values[half + at]);
  }

  /** The gradient of a block, and its image under X. */
  function gradientOf(state: SplittingState, block: number): number {
    const { u, v, lambda, s, nu, rho } = state;
    const mask = (block % P) * n;
    const sign = block < P ? 1 : -1;
    const at = block * n;
    for (let k = 0; k < n; k++) {
      const active = masks[mask + k];
      const side = 2 * active - 1;
      const slack = inputs.values[at + k] - side * (s[at + k] - nu[at + k]);
      row.values[k] = active * sign * loss.derivative(outputs[k], y[k]) + rho * slack;
    }
    flops += productInto(row, X, gradient);
    let square = 0;
    for (let j = 0, w = block * d; j < d; j++, w++) {
      gradient.values[j] += rho * (u[w] - v[w] + lambda[w]);
      square += gradient.values[j] ** 2;
    }
    flops += productTransposedInto(gradient, X, image);
    return square;
  }

  /** How much a step along -gradient lowers the function. */
  function decrease(state: SplittingState, block: number, step: number): number {
    const { u, v, lambda, s, nu, rho } = state;
    const mask = (block % P) * n;
    const sign = block < P ? 1 : -1;
    const at = block * n;
    let fall = 0;
    let quadratic = 0;
    for (let k = 0; k < n; k++) {
      const active = masks[mask + k];
      const side = 2 * active - 1;
      const move = step * image.values[k];
      if (active) fall += loss.value(outputs[k], y[k]) - loss.value(outputs[k] - sign * move, y[k]);
      const slack = inputs.values[at + k] - side * (s[at + k] - nu[at + k]);
      quadratic += move * (2 * slack - move);
    }
    for (let j = 0, w = block * d; j < d; j++, w++) {
      const move = step * gradient.values[j];
      quadratic += move * (2 * (u[w] - v[w] + lambda[w]) - move);
    }
    return fall + (rho / 2) * quadratic;
  }

  /** One gradient step of a block; returns the squared change of the outputs. */
  function stepOf(state: SplittingState, block: number): void {
    const square = gradientOf(state, block);
    if (square === 0) return;
    let step = 2 * steps[block];
    for (let trial = 0; decrease(state, block, step) < SUFFICIENT * step * square; trial++) {
      if (trial === TRIALS) return;
      step /= 2;
    }
    steps[block] = step;
    const mask = (block % P) * n;
    const sign = block < P ? 1 : -1;
    for (let k = 0, at = block * n; k < n; k++, at++) {
      const move = step * image.values[k];
      inputs.values[at] -= move;
      outputs[k] -= masks[mask + k] * sign * move;
    }
    for (let j = 0, w = block * d; j < d; j++, w++) state.u[w] -= step * gradient.values[j];
  }

  return (state: SplittingState, iteration: number): number => {
    flops = 0;
    const stream: RandomStream = root.split(iteration);
    refresh(state.u);
    // the same steps are tried whether a run goes on or is resumed
    steps.fill(1 / state.rho);
    for (let round = 0; round < MOST_PICKS; round += CHECK_AFTER) {
      start.set(outputs);
      for (let pick = 0; pick < 2 * P * CHECK_AFTER; pick++) stepOf(state, stream.integer(2 * P));
      let [change, size] = [0, 0];
      for (let k = 0; k < n; k++) {
        change += (outputs[k] - start[k]) ** 2;
        size += outputs[k] ** 2;
      }
      if (Math.sqrt(change) < SMALL_CHANGE * (1 + Math.sqrt(size))) break;
    }
    return flops;
  };
}
