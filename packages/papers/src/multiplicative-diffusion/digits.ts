import { geometricBrownianProcess, imagePoints, type PointArray } from "gradus/diffusion";
import { type DenseMatrix, denseMatrix } from "gradus/linalg";
import { residualMlp, uNet } from "gradus/nn";
import { randomStream } from "gradus/random";
import { scaledImages } from "../shared/images.ts";

/** Images of which a law is learned, and others of the same law. */
export interface DigitImages {
  /** 1 + pixel, one image a row. */
  readonly train: DenseMatrix;
  readonly test: DenseMatrix;
  readonly trainLabels: Int32Array;
}

const TRAIN = 1200;
export const SIDE = 8;
export const PIXELS = SIDE * SIDE;
export const CLASSES = 10;

/** The bundled digits, 1,200 to learn from and 597 others. */
export async function digitImages(): Promise<DigitImages> {
  const { rows, columns, pixels, labels } = await scaledImages("digits", "f64");
  const order = randomStream(0).split("digits").permutation(rows);
  const { values } = imagePoints({ shape: [rows, SIDE, SIDE], values: pixels }, { white: 1 });
  const part = (from: number, to: number) => {
    const chosen = new Float64Array((to - from) * columns);
    for (let i = from; i < to; i++)
      for (let j = 0; j < columns; j++) chosen[(i - from) * columns + j] = values[order[i] * columns + j];
    return denseMatrix(chosen, to - from, columns);
  };
  return {
    train: part(0, TRAIN),
    test: part(TRAIN, rows),
    trainLabels: Int32Array.from(order.subarray(0, TRAIN), (row) => labels[row]),
  };
}

/** Images with their sizes, as a network of convolutions takes them. */
export function asImages({ rows, values }: DenseMatrix, side = SIDE): PointArray {
  return { shape: [rows, 1, side, side], values };
}

/** The authors' process, with the window in which a network is trained. */
export function digitProcess(volatility = 0.8) {
  return geometricBrownianProcess({ volatility, startTime: 2e-3 });
}

/** How a network sees the noise at a time, by sines and cosines of log(deviation / scale). */
const time = { maxPeriod: 20, scale: 3 };

/** The networks that come with the paper: a residual perceptron, and a U-Net of two levels. */
export const digitNetworks = {
  "residual-mlp": (width = 128) =>
    residualMlp({
      inputs: PIXELS,
      width,
      blocks: 3,
      outputs: PIXELS,
      time: { features: 16, ...time },
    }),
  "u-net": () =>
    uNet({
      dimension: 2,
      channels: 1,
      filters: [16, 32],
      blocks: 1,
      groups: 8,
      time: { features: 16, width: 32, ...time },
    }),
} as const;
