import { type ArrayValue, array } from "@gradus/graph";
import { loadDataset, loadMnist } from "gradus/data";
import { randomStream } from "gradus/random";

/** Images with pixels from 0 to 1 and their classes. */
export interface Images {
  readonly x: ArrayValue;
  readonly y: ArrayValue;
}

/** Images to train on, and others to test on. */
export interface ImageSplit {
  readonly train: Images;
  readonly test: Images;
}

/**
 * The first `rows` training images of a set and all its test images, each as one row or as [1, 28, 28].
 *
 * @throws DataMissingError where its files are not in the data directory
 */
export async function images(
  set: "mnist" | "fashion-mnist",
  rows: number,
  shape: readonly number[],
): Promise<ImageSplit> {
  const part = async (split: "train" | "test"): Promise<Images> => {
    const { pixels, labels, n, height, width } = await loadMnist({ set, split });
    const count = split === "train" ? Math.min(rows, n) : n;
    return {
      x: array(
        Float32Array.from(pixels.subarray(0, count * height * width), (level) => level / 255),
        [count, ...shape],
      ),
      y: array(BigInt64Array.from(labels.subarray(0, count), (label) => BigInt(label))),
    };
  };
  return { train: await part("train"), test: await part("test") };
}

const DIGITS = 1437;
const SIDE = 8;
const steps = [-1, 0, 1] as const;
const moves = steps.flatMap((down) => steps.map((right) => ({ down, right })));

/**
 * The bundled 8 x 8 digits, each in nine places: shifted by at most one pixel down and right, cropped at the border.
 * Places of 1437 digits to train on, at most `rows` of them, and of the 360 others to test on.
 */
export async function movedDigits(rows: number, seed: number): Promise<ImageSplit> {
  const { x, y } = await loadDataset("digits");
  const random = randomStream(seed);
  const order = random.split("split").permutation(x.rows);
  const part = (digits: Int32Array, most: number): Images => {
    const chosen = random
      .split(digits.length)
      .permutation(digits.length * moves.length)
      .subarray(0, most);
    const pixels = new Float32Array(chosen.length * x.columns);
    const labels = new BigInt64Array(chosen.length);
    chosen.forEach((which, i) => {
      const digit = digits[Math.floor(which / moves.length)];
      const { down, right } = moves[which % moves.length];
      labels[i] = BigInt(y[digit]);
      for (let row = Math.max(0, down); row < Math.min(SIDE, SIDE + down); row++)
        for (let column = Math.max(0, right); column < Math.min(SIDE, SIDE + right); column++)
          pixels[i * x.columns + row * SIDE + column] =
            x.values[digit * x.columns + (row - down) * SIDE + column - right] / 16;
    });
    return { x: array(pixels, [chosen.length, x.columns]), y: array(labels) };
  };
  return {
    train: part(order.subarray(0, DIGITS), rows),
    test: part(order.subarray(DIGITS), (x.rows - DIGITS) * moves.length),
  };
}
