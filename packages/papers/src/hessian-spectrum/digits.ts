import { type ArrayValue, compile, specsOf, type Tensor } from "@gradus/graph";
import { accuracy, softmaxCrossEntropy } from "gradus/losses";
import { heNormal, type MlpParameters, mlp } from "gradus/nn";
import { randomStream } from "gradus/random";
import { imageBatch, scaledImages } from "../shared/images.ts";
import type { Labeled, Parameters } from "./problems.ts";

/** Training rows of the bundled digits; the others are test rows. */
export const TRAINING_ROWS = 1000;

/** The 8 x 8 digits, pixels from 0 to 1, float32. */
export async function digits(): Promise<{
  readonly train: Labeled<ArrayValue>;
  readonly test: Labeled<ArrayValue>;
}> {
  const images = await scaledImages("digits", "f32");
  const part = (start: number, end: number) =>
    imageBatch(images, { chosen: Int32Array.from({ length: end - start }, (_, i) => start + i) });
  return { train: part(0, TRAINING_ROWS), test: part(TRAINING_ROWS, images.rows) };
}

const network = mlp({ inputs: 64, hidden: [32], outputs: 10, initializer: heNormal });

/** Cross-entropy of the 64-32-10 network. */
export const digitsLoss = (parameters: MlpParameters, batch: Labeled<Tensor>): Tensor =>
  softmaxCrossEntropy(network.apply(parameters, batch.x), batch.y);

/** The network's initial parameters. */
export function digitsStart(seed: number, label: string): Parameters {
  return network.parameters({ stream: randomStream(seed).split(label), dtype: "f32" });
}

/** Loss and accuracy of parameters on rows. */
export function compileScores(like: Parameters, data: Labeled<ArrayValue>) {
  return compile(
    ({ parameters, batch }) => ({
      loss: digitsLoss(parameters, batch),
      accuracy: accuracy(network.apply(parameters, batch.x), batch.y),
    }),
    { parameters: specsOf(like), batch: specsOf(data) },
  );
}
