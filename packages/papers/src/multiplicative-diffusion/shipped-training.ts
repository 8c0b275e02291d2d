import type { DenseMatrix } from "gradus/linalg";
import { adam, cosineDecay, exponentialAveraging } from "gradus/train";
import { asImages, digitNetworks, digitProcess } from "./digits.ts";

// Training again gives the same networks up to rounding: sums in float32 are added in the order of the processor and of the
// version of gradus, which 800 steps of the U-Net carry to 1e-5 of its parameters.

function common(steps: number) {
  return {
    process: digitProcess(),
    averaging: exponentialAveraging({ decay: 0.999 }),
    optimizer: adam({ learningRate: cosineDecay({ initial: 1e-3, counts: steps }) }),
    steps,
    seed: 1,
    threads: 1,
  };
}

/** How the residual perceptron that comes with the paper was trained. */
export function perceptronTraining(train: DenseMatrix) {
  const network = digitNetworks["residual-mlp"]();
  const own = { data: train, network, batchSize: 256, stepsPerIterate: 500 };
  return { ...common(6000), ...own };
}

/** How the U-Net that comes with the paper was trained. */
export function uNetTraining(train: DenseMatrix) {
  const network = digitNetworks["u-net"]();
  const own = { data: asImages(train), network, batchSize: 64, stepsPerIterate: 50 };
  return { ...common(800), ...own };
}
