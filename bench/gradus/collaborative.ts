import { add, array, concat, flattenTensors, mul, norm, reshape } from "@gradus/graph";
import {
  type Attack,
  collaborativeTraining,
  graphMixing,
  littleIsEnough,
  localLoss,
  mixRound,
  nearestNeighbors,
  signFlip,
} from "gradus/collaborative";
import { loadDataset } from "gradus/data";
import { softmaxCrossEntropy } from "gradus/losses";
import { type MlpParameters, mlp } from "gradus/nn";
import { randomStream } from "gradus/random";
import { collaborativeSizes, collaborativeTrainingSizes } from "../collaborative-sizes.ts";
import type { Runner } from "../worker.ts";

/** ((7919 i + 104729 k) mod 1000003)/1000003 - 1/2: numbers that any language makes alike. */
const fraction = (i: number, k: number) => ((7919 * i + 104_729 * k) % 1_000_003) / 1_000_003 - 0.5;

function honestModels(count: number, dimension: number): Float32Array[] {
  const all = new Float32Array(count * dimension);
  for (let i = 0; i < count; i++) for (let k = 0; k < dimension; k++) all[i * dimension + k] = fraction(i, k);
  return Array.from({ length: count }, (_, i) => all.subarray(i * dimension, (i + 1) * dimension));
}

const attacks: Readonly<Record<keyof typeof collaborativeSizes, () => Attack>> = {
  aggregation: () => signFlip(),
  mixing: () => littleIsEnough({ evaluations: 16 }),
};

const lengthOf = (row: ArrayLike<number>) => {
  let sum = 0;
  for (let k = 0; k < row.length; k++) sum += row[k] * row[k];
  return Math.sqrt(sum);
};

/** One round of nearest-neighbor averaging for all honest nodes, the Byzantine nodes' choice of model included. */
export function mixingStep(name: keyof typeof collaborativeSizes): Runner {
  const { nodes, faulty, dimension } = collaborativeSizes[name];
  const count = nodes - faulty;
  const honest = honestModels(count, dimension);
  const rule = nearestNeighbors();
  const attack = attacks[name]();
  const graph = graphMixing();
  // Node i does not hear of the f honest nodes after it.
  const late = honest.map((_, i) => Int32Array.from({ length: faulty }, (__, j) => (i + 1 + j) % count));
  const random = randomStream(0);

  async function step() {
    const geometry = await graph.geometry(honest);
    const context = { rule, faulty, random, step: 0, learningRate: 1, geometry, memory: {} };
    const sent = await attack.models(honest, context);
    return mixRound({ rule, faulty, geometry, sent, late, combine: graph.combine });
  }

  return {
    reset() {},
    call: step,
    unitsPerCall: 1,
    async check() {
      const { rows } = await step();
      return [0, 1, count - 1].map((i) => lengthOf(rows[i]));
    },
  };
}

/** A perceptron with its weights and biases on [-1, 1]/sqrt(inputs), the same in any language. */
function digitsNetwork() {
  const [inputs, hidden, outputs] = collaborativeTrainingSizes.widths;
  const spread = (layer: number, shape: readonly number[], fanIn: number) =>
    array(
      Float32Array.from(
        { length: shape.reduce((a, b) => a * b) },
        (_, k) => (2 * fraction(layer, k)) / Math.sqrt(fanIn),
      ),
      shape,
    );
  const layers = [
    [inputs, hidden],
    [hidden, outputs],
  ].map(([from, to], i) => ({
    weights: spread(2 * i, [from, to], from),
    bias: spread(2 * i + 1, [to], from),
  }));
  return { network: mlp({ inputs, hidden: [hidden], outputs }), start: { layers } };
}

/** Steps of MoNNA's training from its start, the honest nodes' gradients and the attack's search included. */
export async function collaborativeSteps(): Promise<Runner> {
  const { nodes, faulty, rows, steps, evaluations, learningRate, momentum, regularization } =
    collaborativeTrainingSizes;
  const honest = nodes - faulty;
  const { network, start } = digitsNetwork();
  const { x, y } = await loadDataset("digits");
  const problem = await localLoss({
    loss(parameters: MlpParameters, batch) {
      const numbers = flattenTensors(parameters).leaves.map((leaf) =>
        reshape(leaf, [leaf.shape.reduce<number>((size, next) => size * Number(next), 1)]),
      );
      const crossEntropy = softmaxCrossEntropy(network.apply(parameters, batch.x), batch.y);
      return add(crossEntropy, mul(norm(concat(numbers)), regularization));
    },
    parameters: start,
    data: { x: Float32Array.from(x.values, (level) => level / 16), d: x.columns, y },
    // A batch is all that a node has: which rows it draws makes no difference.
    parts: Array.from({ length: honest }, (_, i) =>
      Int32Array.from({ length: rows }, (__, k) => i * rows + k),
    ),
    batchSize: rows,
    classes: 10,
  });

  async function train() {
    const run = collaborativeTraining(problem, {
      faulty,
      mixing: nearestNeighbors(),
      attack: littleIsEnough({ evaluations }),
      learningRate,
      momentum,
      seed: 1,
    });
    for await (const iterate of run) if (iterate.iteration === steps) return iterate;
    throw new Error("the training ended by itself");
  }

  return {
    reset() {},
    call: train,
    unitsPerCall: steps,
    async check() {
      const { mean, models } = await train();
      const moved = (row: ArrayLike<number>) =>
        lengthOf(Array.from(row, (value, k) => value - problem.start[k]));
      return [moved(mean), moved(models[0]), moved(models[honest - 1])];
    },
  };
}
