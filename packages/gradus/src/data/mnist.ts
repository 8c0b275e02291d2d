import { DataError } from "../check/errors.ts";
import { checkOneOf, checkOptions } from "../check/options.ts";
import { readDataFile } from "./data-directory.ts";
import { parseIdx } from "./idx.ts";

const sets = {
  mnist: {
    classNames: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
    source: "Y. LeCun, C. Cortes, C. J. C. Burges, The MNIST database of handwritten digits",
    license: "CC BY-SA 3.0",
  },
  "fashion-mnist": {
    classNames: [
      "T-shirt/top",
      "trouser",
      "pullover",
      "dress",
      "coat",
      "sandal",
      "shirt",
      "sneaker",
      "bag",
      "ankle boot",
    ],
    source: "H. Xiao, K. Rasul, R. Vollgraf 2017, Fashion-MNIST, arXiv 1708.07747 (Zalando SE)",
    license: "MIT",
  },
} as const;

const splits = { test: "t10k", train: "train" } as const;

/** Grayscale images of one size, each with a class. */
export interface ImageDataset {
  readonly name: string;
  /** Number of images. */
  readonly n: number;
  readonly height: number;
  readonly width: number;
  /** Gray levels 0 .. 255, n x (height width), row-major. */
  readonly pixels: Uint8Array;
  /** One class number per image. */
  readonly labels: Uint8Array;
  readonly classNames: readonly string[];
  readonly source: string;
  readonly license: string;
}

/**
 * Loads MNIST or Fashion-MNIST in file order, from the files `<set>-<t10k|train>-images-idx3-ubyte.gz` and
 * `<set>-<t10k|train>-labels-idx1-ubyte.gz` in the data directory (`downloadDataset` fetches them), or from Debian's
 * package dataset-fashion-mnist.
 *
 * @throws ArgumentError for an unknown set, split or option
 * @throws DataMissingError when a file does not exist (in a browser, at the address set by `setDataDirectory`)
 * @throws DataError when a file is malformed or the two files do not match
 * @throws the signal's reason on abort
 */
export async function loadMnist(
  options: { set?: "mnist" | "fashion-mnist"; split?: "test" | "train"; signal?: AbortSignal } = {},
): Promise<ImageDataset> {
  checkOptions("loadMnist", options, ["set", "split", "signal"]);
  const { set = "mnist", split = "test", signal } = options;
  checkOneOf(Object.keys(sets), { set });
  checkOneOf(Object.keys(splits), { split });
  const imagesName = `${set}-${splits[split]}-images-idx3-ubyte.gz`;
  const labelsName = `${set}-${splits[split]}-labels-idx1-ubyte.gz`;
  const images = parseIdx(await readDataFile(imagesName, { signal }), { name: imagesName });
  const labels = parseIdx(await readDataFile(labelsName, { signal }), { name: labelsName });
  const [n, height, width] = images.shape;
  if (images.shape.length !== 3)
    throw new DataError(`${imagesName} must have 3 dimensions, got ${images.shape.length}`);
  if (labels.shape.length !== 1 || labels.shape[0] !== n)
    throw new DataError(
      `${labelsName} must have ${n} labels to match ${imagesName}, got ${labels.shape.join(" x ")}`,
    );
  if (!(images.values instanceof Uint8Array) || !(labels.values instanceof Uint8Array))
    throw new DataError(`${imagesName} and ${labelsName} must hold unsigned bytes`);
  const wrong = labels.values.findIndex((label) => label > 9);
  if (wrong >= 0)
    throw new DataError(
      `${labelsName}: labels must be 0 .. 9, got ${labels.values[wrong]} at index ${wrong}`,
    );
  return {
    name: `${set} ${split}`,
    n,
    height,
    width,
    pixels: images.values,
    labels: labels.values,
    ...sets[set],
  };
}
