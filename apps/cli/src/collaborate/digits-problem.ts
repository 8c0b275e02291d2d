import {
  digitsNetwork,
  dirichletPartition,
  localLoss,
  normRegularizedLoss,
  shuffledDigits,
  testAccuracy,
  type Vector,
} from "gradus/collaborative";
import { randomStream } from "gradus/random";
import { parameterLayout } from "gradus/tree";
import { type CollaborativePlan, honestPeers } from "./plan.ts";

/** What one peer has to train with: its own rows of the digits, and the rows that all test on. */
export interface PeerProblem extends AsyncDisposable {
  /** The model with which all begin. */
  readonly start: Vector;
  /** Rows that the node holds. */
  readonly rows: number;
  gradient(model: Vector, step: number): Promise<Vector>;
  /** Share of the test rows that the model classifies right. */
  accuracy(model: Vector): Promise<number>;
}

const CLASSES = 10;
/** Weight of the norm of all parameters in the loss, as in the paper. */
const REGULARIZATION = 1e-4;

const firstWeights = (seed: number) =>
  digitsNetwork.parameters({ stream: randomStream(seed).split("weights"), dtype: "f32" });

/**
 * The node's share of the training rows by a Dirichlet partition, as a table of its own. The honest share all rows; a
 * Byzantine node has as many as they, with every label y flipped to 9 - y.
 */
function ownRows(
  { train, d }: Awaited<ReturnType<typeof shuffledDigits>>,
  plan: CollaborativePlan,
  node: number,
) {
  const random = randomStream(plan.seed).split("parts");
  const { peers, concentration } = plan;
  const honest = honestPeers(plan);
  const parts = { parts: peers, samplesPerPart: train.y.length / honest, concentration, random };
  const rows = dirichletPartition(train.y, parts)[node];
  const x = new Float32Array(rows.length * d);
  rows.forEach((row, i) => {
    x.set(train.x.subarray(row * d, (row + 1) * d), i * d);
  });
  return {
    x,
    d,
    y: Uint8Array.from(rows, (row) => (node < honest ? train.y[row] : CLASSES - 1 - train.y[row])),
  };
}

/** Loads the digits, keeps the node's own rows and the test rows, and compiles gradient and accuracy. */
export async function digitsProblem(plan: CollaborativePlan, node: number): Promise<PeerProblem> {
  const { seed, batch } = plan;
  const images = await shuffledDigits(seed);
  const parameters = firstWeights(seed);
  const data = ownRows(images, plan, node);
  const rows = data.y.length;
  const loss = await localLoss({
    loss: normRegularizedLoss(digitsNetwork, REGULARIZATION),
    parameters,
    data,
    parts: [Int32Array.from({ length: rows }, (_, row) => row)],
    batchSize: batch,
    classes: CLASSES,
    seed: randomStream(seed)
      .split("peers")
      .split(node)
      .integer(2 ** 31),
  });
  const score = await testAccuracy(digitsNetwork, parameters, images);
  return {
    start: loss.start,
    rows,
    gradient: async (model, step) => loss.gradients(model, step),
    accuracy: (model) => score.of(loss.unpack(model)),
    async [Symbol.asyncDispose]() {
      await score[Symbol.asyncDispose]();
      await loss[Symbol.asyncDispose]();
    },
  };
}

/** As long as a model, in its precision: all that a Byzantine peer has to know of the problem. */
export function digitsModel({ seed }: CollaborativePlan): Float32Array {
  return new Float32Array(parameterLayout(firstWeights(seed)).dimension);
}
