import { randomStream } from "gradus/random";
import { type ImageBatch, imageBatch, type ScaledImages, scaledImages } from "../shared/images.ts";

/** Training and test images. */
export interface ImageSplit {
  readonly train: ImageBatch;
  readonly test: ImageBatch;
}

/** The 8 x 8 digits, shuffled: 1437 for training, 360 for testing. */
export async function shuffledDigits(seed: number): Promise<ImageSplit> {
  const digits = await scaledImages("digits", "f32");
  const order = randomStream(seed).split("split").permutation(digits.rows);
  return {
    train: imageBatch(digits, { chosen: order.subarray(0, DIGITS) }),
    test: imageBatch(digits, { chosen: order.subarray(DIGITS) }),
  };
}

/**
 * The first `rows` training images of a set and all its test images, each as one row or as [1, 28, 28].
 *
 * @throws DataMissingError when its files are not in the data directory
 */
export async function images(
  set: "mnist" | "fashion-mnist",
  rows: number,
  shape: readonly number[],
): Promise<ImageSplit> {
  return {
    train: imageBatch(await scaledImages(set, "f32", { most: rows }), { shape }),
    test: imageBatch(await scaledImages(set, "f32", { split: "test" }), { shape }),
  };
}

/** Training rows of the digits. */
export const DIGITS = 1437;
const SIDE = 8;
const steps = [-1, 0, 1] as const;
const moves = steps.flatMap((down) => steps.map((right) => ({ down, right })));

/**
 * The bundled 8 x 8 digits at nine positions each: shifted by at most one pixel in each direction, cropped at the
 * border. At most `rows` training images of 1437 digits, and test images of the 360 others.
 */
export async function movedDigits(rows: number, seed: number): Promise<ImageSplit> {
  const digits = await scaledImages("digits", "f32");
  const random = randomStream(seed);
  const order = random.split("split").permutation(digits.rows);
  const part = (those: Int32Array, most: number) => {
    const places = random
      .split(those.length)
      .permutation(those.length * moves.length)
      .subarray(0, most);
    return imageBatch(shifted(digits, those, places));
  };
  return {
    train: part(order.subarray(0, DIGITS), rows),
    test: part(order.subarray(DIGITS), (digits.rows - DIGITS) * moves.length),
  };
}

/** Shifted copies of some digits, by digit and shift. */
function shifted(
  { columns, pixels: all, labels: classes }: ScaledImages,
  those: Int32Array,
  places: Int32Array,
): ScaledImages {
  const pixels = new Float32Array(places.length * columns);
  const labels = new Int32Array(places.length);
  places.forEach((place, i) => {
    const digit = those[Math.floor(place / moves.length)];
    const { down, right } = moves[place % moves.length];
    labels[i] = classes[digit];
    for (let row = Math.max(0, down); row < Math.min(SIDE, SIDE + down); row++)
      for (let column = Math.max(0, right); column < Math.min(SIDE, SIDE + right); column++)
        pixels[i * columns + row * SIDE + column] =
          all[digit * columns + (row - down) * SIDE + column - right];
  });
  return { rows: places.length, columns, pixels, labels };
}
