import { type ArrayValue, array } from "@gradus/graph";
import { DataMissingError, loadMnist } from "gradus";

/** Images with pixels from 0 to 1 and their classes. */
export interface Images {
  readonly x: ArrayValue;
  readonly y: ArrayValue;
}

/** The first images of both parts of a set. */
export interface ImageSplit {
  readonly train: Images;
  readonly test: Images;
}

/**
 * The first `rows` training images of a set and all its test images, each as one row or as [1, 28, 28]; undefined where
 * the set is not here.
 */
export async function images(
  set: "mnist" | "fashion-mnist",
  rows: number,
  shape: readonly number[],
): Promise<ImageSplit | undefined> {
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
  try {
    return { train: await part("train"), test: await part("test") };
  } catch (error) {
    if (error instanceof DataMissingError) return undefined;
    throw error;
  }
}
