import { loadDataset, loadMnist } from "gradus/data";
import type { DenseMatrix } from "gradus/linalg";
import { randomStream } from "gradus/random";

/** Inputs and targets. */
export interface Rows {
  readonly x: DenseMatrix;
  readonly y: Float64Array;
}

/** Training rows and test rows. */
export interface Split {
  readonly train: Rows;
  readonly test: Rows;
}

/** x ~ N in the plane and y ~ N. */
export function planarRows(n: number, seed: number): Rows {
  const stream = randomStream(seed).split("planar");
  const x = { rows: n, columns: 2, values: stream.fillNormal(new Float64Array(2 * n)) };
  return { x, y: stream.fillNormal(new Float64Array(n)) };
}

const TEACHERS = 5;
const NOISE = 0.3;

/** x ~ N(0, I) in d dimensions, and the outputs of five units with weights 1, -1, 1, -1, 1, with noise of size 0.3. */
export function teacherRows(n: number, d: number, seed: number): Rows {
  const stream = randomStream(seed).split("teacher");
  const x = { rows: n, columns: d, values: stream.fillNormal(new Float64Array(n * d)) };
  const units = stream.fillNormal(new Float64Array(TEACHERS * d));
  const y = Float64Array.from({ length: n }, (_, k) => {
    let sum = NOISE * stream.normal();
    for (let t = 0; t < TEACHERS; t++) {
      let input = 0;
      for (let j = 0; j < d; j++) input += x.values[k * d + j] * units[t * d + j];
      sum += (t % 2 === 0 ? 1 : -1) * Math.max(0, input);
    }
    return sum;
  });
  return { x, y };
}

/** Gray images of a set, averaged over squares of 2 x 2 pixels where they are pooled; pixels from 0 to 1. */
async function imagesOf(set: "digits" | "mnist" | "fashion-mnist", pooled: boolean) {
  const source =
    set === "digits"
      ? await loadDataset("digits").then(({ x, y }) => ({ levels: x.values, side: 8, labels: y, white: 16 }))
      : await loadMnist({ set, split: "test" }).then(({ pixels, height, labels }) => ({
          levels: pixels,
          side: height,
          labels,
          white: 255,
        }));
  const { levels, side, labels, white } = source;
  const block = pooled ? 2 : 1;
  const small = side / block;
  const image = (row: number) => {
    const pixels = new Float64Array(small * small);
    for (let i = 0; i < side; i++)
      for (let j = 0; j < side; j++)
        pixels[Math.floor(i / block) * small + Math.floor(j / block)] +=
          levels[row * side * side + i * side + j] / (white * block * block);
    return pixels;
  };
  return { image, labels, columns: small * small };
}

/** Images of two classes in random order, labels +1 for the first: `rows` to train on, the others to test on. */
export async function imagePair(
  set: "digits" | "mnist" | "fashion-mnist",
  classes: readonly [number, number],
  { rows, seed, pooled }: { readonly rows: number; readonly seed: number; readonly pooled: boolean },
): Promise<Split> {
  const { image, labels, columns } = await imagesOf(set, pooled);
  const chosen = Array.from(labels.keys()).filter((row) => classes.some((one) => one === labels[row]));
  randomStream(seed).split("images").shuffle(chosen);
  const part = (those: readonly number[]): Rows => {
    const values = new Float64Array(those.length * columns);
    those.forEach((row, k) => {
      values.set(image(row), k * columns);
    });
    return {
      x: { rows: those.length, columns, values },
      y: Float64Array.from(those, (row) => (labels[row] === classes[0] ? 1 : -1)),
    };
  };
  return { train: part(chosen.slice(0, rows)), test: part(chosen.slice(rows)) };
}

/** The share of outputs with the sign of their label. */
export function accuracyOf(outputs: Float64Array, y: Float64Array): number {
  let right = 0;
  outputs.forEach((z, k) => {
    right += Number(z * y[k] > 0);
  });
  return right / y.length;
}
