import { type ArrayValue, array } from "@gradus/graph";
import { loadDataset, loadMnist } from "gradus/data";

interface Pixels {
  readonly f32: Float32Array<ArrayBuffer>;
  readonly f64: Float64Array<ArrayBuffer>;
}

/** Grayscale images, each a row of pixels from 0 to 1. */
export interface ScaledImages<T extends keyof Pixels = "f32"> {
  readonly rows: number;
  /** Pixels of an image. */
  readonly columns: number;
  readonly pixels: Pixels[T];
  /** Classes 0 to 9. */
  readonly labels: Int32Array;
}

/**
 * The bundled 8 x 8 digits, or images of 28 x 28 from the data directory: the first `most`, in file order.
 *
 * @throws DataMissingError when the files are not in the data directory
 */
export async function scaledImages<T extends keyof Pixels>(
  set: "digits" | "mnist" | "fashion-mnist",
  dtype: T,
  { split = "train", most = Number.POSITIVE_INFINITY }: { split?: "train" | "test"; most?: number } = {},
): Promise<ScaledImages<T>> {
  const { levels, columns, labels, white } =
    set === "digits" ? await digitLevels() : await fileLevels(set, split);
  const rows = Math.min(labels.length, most);
  const shown = levels.subarray(0, rows * columns);
  const scale = (level: number) => level / white;
  const pixels: Pixels[keyof Pixels] =
    dtype === "f32" ? Float32Array.from(shown, scale) : Float64Array.from(shown, scale);
  return { rows, columns, pixels: pixels as Pixels[T], labels: Int32Array.from(labels.subarray(0, rows)) };
}

async function digitLevels() {
  const { x, y } = await loadDataset("digits");
  return { levels: x.values, columns: x.columns, labels: y, white: 16 };
}

async function fileLevels(set: "mnist" | "fashion-mnist", split: "train" | "test") {
  const { pixels, height, width, labels } = await loadMnist({ set, split });
  return { levels: pixels, columns: height * width, labels, white: 255 };
}

/** Selected images and their classes, as inputs of a compiled program. */
export interface ImageBatch {
  /** [rows, ...shape] */
  readonly x: ArrayValue;
  /** [rows] */
  readonly y: ArrayValue;
}

/** The images of the given rows (all by default), each as one row or in a shape such as [1, 28, 28]. */
export function imageBatch(
  { rows, columns, pixels, labels }: ScaledImages,
  {
    chosen = Int32Array.from({ length: rows }, (_, i) => i),
    shape = [columns],
  }: { chosen?: Int32Array; shape?: readonly number[] } = {},
): ImageBatch {
  const x = new Float32Array(chosen.length * columns);
  chosen.forEach((row, i) => {
    x.set(pixels.subarray(row * columns, (row + 1) * columns), i * columns);
  });
  return {
    x: array(x, [chosen.length, ...shape]),
    y: array(BigInt64Array.from(chosen, (row) => BigInt(labels[row]))),
  };
}
