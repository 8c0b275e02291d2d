import type { HiddenUnits } from "gradus/nn/random-features";
import type { HostObjective } from "gradus/objectives";
import { minimize } from "gradus/optimize";
import { randomStream } from "gradus/random";
import type { Problem } from "./targets.ts";

/** Adam's constants (Kingma and Ba, 2015). */
const [FIRST, SECOND, EPSILON] = [0.9, 0.999, 1e-8];
const RATE = 1e-2;

/** Half the mean squared error of  sum_i c_i sigmoid(a_i x - b_i)  in (a, b, c). */
function objectiveOf({ x, y }: Problem, width: number): HostObjective {
  const N = y.length;
  function valueAndGradient(theta: Float64Array) {
    const gradient = new Float64Array(3 * width);
    const hidden = new Float64Array(width);
    let value = 0;
    for (let j = 0; j < N; j++) {
      const at = x.values[j];
      let output = 0;
      for (let i = 0; i < width; i++) {
        hidden[i] = 1 / (1 + Math.exp(theta[width + i] - theta[i] * at));
        output += theta[2 * width + i] * hidden[i];
      }
      const residual = (output - y[j]) / N;
      value += (residual * (output - y[j])) / 2;
      for (let i = 0; i < width; i++) {
        const inner = residual * theta[2 * width + i] * hidden[i] * (1 - hidden[i]);
        gradient[i] += inner * at;
        gradient[width + i] -= inner;
        gradient[2 * width + i] += residual * hidden[i];
      }
    }
    return { value, gradient };
  }
  return {
    dimension: 3 * width,
    value: (theta) => valueAndGradient(theta).value,
    gradient: (theta) => valueAndGradient(theta).gradient,
    valueAndGradient,
  };
}

/**
 * Trains all parameters of a network from hidden parameters of a moderate domain: full-batch Adam, then L-BFGS.
 *
 * @returns its hidden units
 */
export async function trainedUnits(
  problem: Problem,
  { width, steps, seed, signal }: { width: number; steps: number; seed: number; signal: AbortSignal },
): Promise<HiddenUnits> {
  const objective = objectiveOf(problem, width);
  const stream = randomStream(seed).split("trained");
  const theta = new Float64Array(3 * width);
  for (let i = 0; i < width; i++) {
    theta[i] = stream.uniform(-30, 30);
    // transitions inside the data
    theta[width + i] = theta[i] * stream.uniform();
    theta[2 * width + i] = stream.normal() / Math.sqrt(width);
  }
  const [first, second] = [new Float64Array(theta.length), new Float64Array(theta.length)];
  for (let step = 1; step <= steps; step++) {
    if (step % 50 === 0) signal.throwIfAborted();
    const gradient = objective.gradient(theta);
    const rate = (RATE * Math.sqrt(1 - SECOND ** step)) / (1 - FIRST ** step);
    for (let i = 0; i < theta.length; i++) {
      first[i] = FIRST * first[i] + (1 - FIRST) * gradient[i];
      second[i] = SECOND * second[i] + (1 - SECOND) * gradient[i] ** 2;
      theta[i] -= (rate * first[i]) / (Math.sqrt(second[i]) + EPSILON);
    }
  }
  const { x } = await minimize(objective, theta, { maxIterations: Math.ceil(steps / 2), signal });
  return {
    slopes: { rows: width, columns: 1, values: x.slice(0, width) },
    biases: x.slice(width, 2 * width),
    activation: "sigmoid",
  };
}
