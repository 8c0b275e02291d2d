import type { ArrayValue } from "@gradus/graph";
import type { Method } from "gradus/iterate";
import type { GridOperator } from "gradus/linalg/grids";
import { type DirectionNetworkParameters, directionNetwork } from "gradus/nn";
import {
  ritzData,
  type TrainDirectionIterate,
  type TrainDirectionOptions,
  tracedProduct,
  trainDirection,
} from "gradus/operators";
import { randomStream } from "gradus/random";
import { cosineDecay } from "gradus/train";

/** The parameters of a trained network, by its `architecture`. */
export type Parameters = DirectionNetworkParameters<ArrayValue>;

/** The authors' network for 64 cells per side with other numbers of filters, and a smaller one. */
const architectures = {
  small: { pre: 1, coarse: 2, fine: 1 },
  "64": { pre: 2, coarse: 3, fine: 2 },
  "128": { pre: 3, coarse: 4, fine: 3 },
} as const;
export type Architecture = keyof typeof architectures;

export function networkOf(architecture: Architecture, filters: number, dimension: 2 | 3 = 2) {
  return directionNetwork({ dimension, filters, ...architectures[architecture] });
}

/** What a network is trained on: mixtures of Ritz vectors, of the smoothest 40 alone, or A w with Gaussian w. */
export type TrainingSet = "Ritz mixtures" | "white noise" | "smooth only";

const VALIDATION_SHARE = 0.1;
const SMOOTHEST = 40;

/** Vectors of length 1 in float32. */
function noiseImages(A: GridOperator, count: number, seed: number): Float32Array {
  const stream = randomStream(seed).split("white noise");
  const images = new Float32Array(count * A.cells);
  const [w, b] = [new Float64Array(A.cells), new Float64Array(A.cells)];
  for (let i = 0; i < count; i++) {
    A.apply(stream.fillNormal(w), b);
    const length = Math.hypot(...b);
    images.set(
      b.map((value) => value / length),
      i * A.cells,
    );
  }
  return images;
}

/** The vectors of a training set and, apart from them, those of its validation. */
export async function vectorsFor(
  A: GridOperator,
  set: TrainingSet,
  {
    count,
    lanczosSteps,
    seed,
    signal,
  }: { count: number; lanczosSteps: number; seed: number; signal?: AbortSignal },
): Promise<{ readonly samples: ArrayValue; readonly validation: ArrayValue }> {
  const held = Math.max(1, Math.round(VALIDATION_SHARE * count));
  const total = count + held;
  const data =
    set === "white noise"
      ? noiseImages(A, total, seed)
      : (
          await ritzData({
            operator: A,
            count: total,
            steps: lanczosSteps,
            seed,
            signal,
            ...(set === "smooth only" && { smoothest: SMOOTHEST }),
          })
        ).samples.data;
  if (!(data instanceof Float32Array)) throw new TypeError("vectors of a training set are in float32");
  const part = (from: number, to: number): ArrayValue => ({
    dtype: "f32",
    shape: [to - from, 1, ...A.shape],
    data: data.subarray(from * A.cells, to * A.cells),
  });
  return { samples: part(0, count), validation: part(count, total) };
}

/** How a network is trained. */
export interface Recipe {
  readonly set: TrainingSet;
  readonly architecture: Architecture;
  readonly filters: number;
  readonly lanczosSteps: number;
  readonly vectors: number;
  readonly steps: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly seed: number;
}

/** Trains a network on the matrix of a box without obstacles. */
export async function* train(
  A: GridOperator,
  recipe: Recipe,
  { resume, signal }: Pick<TrainDirectionOptions<Parameters>, "resume" | "signal"> = {},
): Method<TrainDirectionIterate<Parameters>> {
  const { set, architecture, filters, lanczosSteps, vectors, steps, batchSize, learningRate, seed } = recipe;
  const { samples, validation } = await vectorsFor(A, set, { count: vectors, lanczosSteps, seed, signal });
  const model = networkOf(architecture, filters, A.shape.length === 3 ? 3 : 2);
  yield* trainDirection({
    model,
    parameters: model.parameters({ stream: randomStream(seed).split("weights") }),
    product: tracedProduct(A),
    samples,
    validation,
    steps,
    batchSize,
    learningRate: cosineDecay({ initial: learningRate, final: learningRate / 20, counts: steps }),
    seed,
    resume,
    signal,
  });
}
