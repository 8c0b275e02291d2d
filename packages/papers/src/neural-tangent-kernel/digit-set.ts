import type { DenseMatrix } from "gradus/linalg";
import { scaledImages } from "../shared/images.ts";

/** Digits with gray levels in [0, 1]. */
export interface Digits {
  readonly name: "MNIST" | "8×8 digits";
  /** One image per row. */
  readonly x: DenseMatrix;
  readonly labels: ArrayLike<number>;
}

/** The first n test images of MNIST, or of the 8×8 digits that come with the library. */
export async function firstDigits(name: Digits["name"], n: number): Promise<Digits> {
  const set = name === "MNIST" ? "mnist" : "digits";
  const { rows, columns, pixels, labels } = await scaledImages(set, "f64", { split: "test", most: n });
  return { name, x: { rows, columns, values: pixels }, labels };
}

/** The first `count` of each digit, digit by digit. */
export function sortedByDigit(
  { x, labels }: Digits,
  count: number,
): { readonly x: DenseMatrix; readonly labels: readonly string[] } {
  const { columns, values } = x;
  const chosen = Array.from({ length: 10 }, (_, digit) =>
    Array.from({ length: labels.length }, (_, row) => row)
      .filter((row) => labels[row] === digit)
      .slice(0, count),
  ).flat();
  const rows = new Float64Array(chosen.length * columns);
  chosen.forEach((row, i) => {
    rows.set(values.subarray(row * columns, (row + 1) * columns), i * columns);
  });
  return {
    x: { rows: chosen.length, columns, values: rows },
    labels: chosen.map((row) => String(labels[row])),
  };
}
