import { DataMissingError, loadDataset, loadMnist, type Rows } from "gradus";

/** Digits with gray levels in [0, 1]. */
export interface Digits extends Rows {
  readonly name: "MNIST" | "8×8 digits";
}

/** The first n test images of MNIST, or of the 8×8 digits that come with the library where there is no MNIST. */
export async function firstDigits(n: number): Promise<Digits> {
  try {
    const { pixels, height, width } = await loadMnist({ set: "mnist", split: "test" });
    const d = height * width;
    return { name: "MNIST", n, d, x: Float64Array.from(pixels.subarray(0, n * d), (level) => level / 255) };
  } catch (error) {
    if (!(error instanceof DataMissingError)) throw error;
    const { x, d } = await loadDataset("digits");
    return { name: "8×8 digits", n, d, x: x.subarray(0, n * d).map((level) => level / 16) };
  }
}
