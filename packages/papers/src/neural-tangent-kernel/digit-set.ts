import { DataMissingError } from "gradus/check";
import { loadDataset, loadMnist } from "gradus/data";
import type { Rows } from "gradus/kernels";

/** Digits with gray levels in [0, 1]. */
export interface Digits extends Rows {
  readonly name: "MNIST" | "8×8 digits";
  readonly labels: ArrayLike<number>;
}

/** The first n test images of MNIST, or of the 8×8 digits that come with the library where there is no MNIST. */
export async function firstDigits(n: number): Promise<Digits> {
  try {
    const { pixels, height, width, labels } = await loadMnist({ set: "mnist", split: "test" });
    const d = height * width;
    const x = Float64Array.from(pixels.subarray(0, n * d), (level) => level / 255);
    return { name: "MNIST", n, d, x, labels: labels.subarray(0, n) };
  } catch (error) {
    if (!(error instanceof DataMissingError)) throw error;
    const { x, y } = await loadDataset("digits");
    const levels = x.values.subarray(0, n * x.columns).map((level) => level / 16);
    return { name: "8×8 digits", n, d: x.columns, x: levels, labels: y.subarray(0, n) };
  }
}

/** The first `count` of each digit, digit by digit. */
export function sortedByDigit(
  { x, d, labels }: Digits,
  count: number,
): Rows & { readonly labels: readonly string[] } {
  const chosen = Array.from({ length: 10 }, (_, digit) =>
    Array.from({ length: labels.length }, (_, row) => row)
      .filter((row) => labels[row] === digit)
      .slice(0, count),
  ).flat();
  const rows = new Float64Array(chosen.length * d);
  chosen.forEach((row, i) => {
    rows.set(x.subarray(row * d, (row + 1) * d), i * d);
  });
  return { x: rows, n: chosen.length, d, labels: chosen.map((row) => String(labels[row])) };
}
