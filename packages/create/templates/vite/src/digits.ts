import { type ArrayValue, argMax, array, jit, type Runtime, type Tensor } from "@gradus/graph";
import { adam, loadDataset, mlp, randomStream, softmaxCrossEntropy, train, trainTestSplit } from "gradus";
import { selectRows } from "gradus/data";
import { accuracy } from "gradus/losses";
import type { MlpParameters } from "gradus/nn";

/** Images are SIDE x SIDE pixels. */
export const SIDE = 8;
const PIXELS = SIDE * SIDE;
const INK = 16;

/** Images of handwritten digits, and which digit each of them shows. */
export interface Images {
  /** [images, 64]: pixels from 0, the paper, to 1, the ink. */
  readonly x: ArrayValue;
  /** [images]: the digits. */
  readonly y: ArrayValue;
}

export interface Digits {
  readonly training: Images;
  /** Images that training never sees. */
  readonly test: Images;
}

/** Loads 1,797 images and holds a fifth of them out. */
export async function loadDigits({ seed }: { seed: number }): Promise<Digits> {
  const { x, y } = await loadDataset("digits");
  const split = trainTestSplit(x.rows, { testShare: 0.2, labels: y, seed });
  const part = (rows: Int32Array): Images => ({
    x: array(
      Float32Array.from(selectRows(x, rows).values, (pixel) => pixel / INK),
      [rows.length, PIXELS],
    ),
    y: array(BigInt64Array.from(selectRows(y, rows), BigInt)),
  });
  return { training: part(split.train), test: part(split.test) };
}

/** One hidden layer: 64 pixels, 32 units, a score for each digit. */
const network = mlp({ inputs: PIXELS, hidden: [32], outputs: 10 });

export interface TrainingOptions {
  readonly seed: number;
  readonly epochs: number;
  /** Where to compute, such as a worker; on this thread when left out. */
  readonly runtime?: Runtime;
  /** Stops the training. */
  readonly signal?: AbortSignal;
}

/** Trains the network: an async iterator with one iterate an epoch. The same seed gives the same numbers. */
export function trainDigits({ training, test }: Digits, { seed, epochs, runtime, signal }: TrainingOptions) {
  return train({
    loss: (parameters, batch) => softmaxCrossEntropy(network.apply(parameters, batch.x), batch.y),
    parameters: network.parameters({ stream: randomStream(seed) }),
    optimizer: adam({ learningRate: 0.001 }),
    data: training,
    batchSize: 32,
    epochs,
    seed,
    metrics: { accuracy: (parameters, images) => accuracy(network.apply(parameters, images.x), images.y) },
    evaluation: { data: test },
    runtime,
    signal,
  });
}

/** A function from parameters and images to the digits that the network reads in them. */
export function digitReader({ runtime }: { runtime?: Runtime } = {}) {
  const answers = jit(
    ({ parameters, x }: { parameters: MlpParameters; x: Tensor }) => argMax(network.apply(parameters, x)),
    {
      runtime,
    },
  );
  return async (parameters: MlpParameters<ArrayValue>, x: ArrayValue): Promise<number[]> => {
    const { data } = await answers.run({ parameters, x });
    return Array.from(data, Number);
  };
}
