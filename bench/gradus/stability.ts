import { stabilityThreshold } from "gradus/curvature";
import { denseMatrix } from "gradus/linalg";
import { type HostRegression, twoLayerReLU } from "gradus/objectives";
import type { Inputs } from "../input-files.ts";
import { stabilitySizes } from "../stability-sizes.ts";
import type { Runner } from "../worker.ts";

const { network, steps, experiment } = stabilitySizes;
const doubles = (inputs: Inputs, name: string): Float64Array =>
  Float64Array.from(inputs[`stability.${name}`].data, Number);

/** The largest stable learning rate for a batch of one, from the Jacobian. */
export function threshold(inputs: Inputs, name: "small" | "large"): Runner {
  const [rows, columns] = stabilitySizes.jacobians[name];
  const J = { rows, columns, values: doubles(inputs, name) };
  let iterations = 0;
  const call = async () => {
    const found = await stabilityThreshold(J);
    iterations = found.iterations;
    return found.learningRate;
  };
  return {
    reset() {},
    call,
    unitsPerCall: 1,
    check: async () => [await call()],
    iterations: () => iterations,
  };
}

interface Training {
  readonly regression: HostRegression;
  readonly start: Float64Array;
  readonly order: Int32Array;
}

function training(inputs: Inputs): Training {
  const { features: d, examples: n } = network;
  const data = { x: denseMatrix(doubles(inputs, "x"), n, d), y: doubles(inputs, "y") };
  const start = Float64Array.of(...doubles(inputs, "W"), ...doubles(inputs, "a"));
  const order = Int32Array.from(inputs["stability.order"].data, Number);
  return { regression: twoLayerReLU(network).on(data), start, order };
}

/** Steps on the examples of the order, one each; overwrites theta. */
function descend({ regression, order }: Training, theta: Float64Array, rate: number, count: number): void {
  const batch = new Int32Array(1);
  const how = { learningRate: rate, clip: network.clip };
  for (let k = 0; k < count; k++) {
    batch[0] = order[k];
    regression.step(theta, batch, 1, how);
  }
}

const loss = ({ regression }: Training, theta: Float64Array): number =>
  regression.residuals(theta).reduce((sum, r) => sum + r * r, 0) / (2 * regression.n);

/** Single-example steps from the start. */
export function singleSteps(inputs: Inputs): Runner {
  const task = training(inputs);
  const theta = task.start.slice();
  const call = (count: number = steps.count) => {
    theta.set(task.start);
    descend(task, theta, steps.rate, count);
    return theta[0];
  };
  return {
    reset() {},
    call: () => call(),
    unitsPerCall: steps.count,
    check() {
      call(steps.checked);
      return [loss(task, theta), theta.reduce((sum, value) => sum + value * value, 0)];
    },
  };
}

/** All runs of the experiment, each from the start; returns their losses. */
export function allRuns(inputs: Inputs): Runner {
  const task = training(inputs);
  const { regression, start } = task;
  const all = Int32Array.from({ length: regression.n }, (_, i) => i);
  const call = () => {
    const losses: number[] = [];
    for (const rate of experiment.sgd) {
      const theta = start.slice();
      descend(task, theta, rate, experiment.sgdSteps);
      losses.push(loss(task, theta));
    }
    for (const rate of experiment.gd) {
      const theta = start.slice();
      const how = { learningRate: rate, clip: network.clip };
      for (let k = 0; k < experiment.gdSteps; k++) regression.step(theta, all, regression.n, how);
      losses.push(loss(task, theta));
    }
    return losses;
  };
  // the losses of converged runs are rounding and those at the edge of stability chaotic: whether they fell is not
  return { reset() {}, call, unitsPerCall: 1, check: () => call().map((value) => Number(value < 0.5)) };
}
