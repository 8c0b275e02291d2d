import { flattenTree, isArrayValue, unflattenTree } from "@gradus/graph";
import {
  compileSampler,
  geometricBrownianProcess,
  type NoiseNetwork,
  type PointData,
  sample,
  trainDiffusion,
} from "gradus/diffusion";
import { randomStream } from "gradus/random";
import type { ValuesOf } from "gradus/tree";
import { diffusionNetworks } from "../diffusion-inputs.ts";
import { diffusionSizes } from "../diffusion-sizes.ts";
import type { Runner } from "../worker.ts";
import type { Context } from "./context.ts";

const { volatility, startTime, stepsPerCall, sampling, checked } = diffusionSizes;
const process = geometricBrownianProcess({ volatility, startTime });
/** So many that a run does not end while it is timed. */
const STEPS = 1_000_000;

type Name = "plane" | "images";

function pointsOf({ inputs }: Context, name: Name, count?: number): PointData {
  const { shape, data } = inputs[`diffusion.${name}.points`];
  const [all, ...rest] = shape;
  const rows = count ?? all;
  const size = rest.reduce((product, one) => product * one, 1);
  return { shape: [rows, ...rest], values: Float64Array.from(data, Number).subarray(0, rows * size) };
}

function trainingRun<P extends ValuesOf<P>>(context: Context, name: Name, network: NoiseNetwork<P>) {
  const drawn = network.parameters({ stream: randomStream(0) });
  const { structure, paths } = flattenTree(drawn, isArrayValue);
  const leaves = paths.map((path) => context.inputs[`diffusion.${name}.${path}`]);
  return trainDiffusion({
    data: pointsOf(context, name),
    process,
    network,
    parameters: unflattenTree(structure, leaves) as P,
    steps: STEPS,
    batchSize: diffusionSizes[name].batch,
    stepsPerIterate: stepsPerCall,
    ...context.options,
  });
}

/** Figures of samples that start at known points and move without noise. */
async function flowFigures<P extends ValuesOf<P>>(context: Context, name: Name, network: NoiseNetwork<P>) {
  const { value } = await trainingRun(context, name, network).next();
  if (!value) throw new Error("training gave no model");
  const start = pointsOf(context, name, checked);
  const { samples } = await sample(value.model, { start, steps: 4, sampler: "probability-flow" });
  const { values } = samples;
  const sum = values.reduce((total, x) => total + x, 0);
  return [sum, values.reduce((total, x) => total + x * x, 0), values[0], values[values.length - 1]];
}

async function training<P extends ValuesOf<P>>(
  context: Context,
  name: Name,
  network: NoiseNetwork<P>,
): Promise<Runner> {
  let run = trainingRun(context, name, network);
  await run.next();
  return {
    async reset() {
      run = trainingRun(context, name, network);
      await run.next();
    },
    async call() {
      await run.next();
    },
    unitsPerCall: stepsPerCall,
    check: () => flowFigures(context, name, network),
  };
}

/** Training steps, times and noise included. */
export const diffusionTraining = (context: Context, name: Name): Promise<Runner> =>
  name === "plane"
    ? training(context, name, diffusionNetworks.plane.network)
    : training(context, name, diffusionNetworks.images.network);

/** Samples of the perceptron by Euler-Maruyama, in one call of the engine. */
export async function diffusionSampling(context: Context): Promise<Runner> {
  const { network } = diffusionNetworks.plane;
  const { value } = await trainingRun(context, "plane", network).next();
  if (!value) throw new Error("training gave no model");
  const sampler = await compileSampler(value.model, context.options);
  return {
    reset() {},
    call: () => sampler.sample({ ...sampling, seed: 1 }),
    unitsPerCall: 1,
    check: () => flowFigures(context, "plane", network),
  };
}
