import type { LabeledRows } from "gradus/data";
import { randomStream } from "gradus/random";
import { type ScaledImages, scaledImages } from "../shared/images.ts";

export const CLASSES = 10;
const WRONG_SHARE = 0.5;

function rowsOf(
  { columns, pixels, labels }: ScaledImages<"f64">,
  chosen: Int32Array,
): LabeledRows<Int32Array> {
  const values = new Float64Array(chosen.length * columns);
  for (const [k, i] of chosen.entries())
    values.set(pixels.subarray(i * columns, (i + 1) * columns), k * columns);
  return { x: { rows: chosen.length, columns, values }, y: Int32Array.from(chosen, (i) => labels[i]) };
}

/** Training rows of which half have a wrong label, trusted rows and test rows. */
export async function pollutedImages(
  set: "digits" | "mnist" | "fashion-mnist",
  sizes: { readonly train: number; readonly validation: number },
  seed: number,
) {
  const stream = randomStream(seed).split("cleaning");
  const images = await scaledImages(set, "f64");
  const order = stream.split("rows").permutation(images.rows);
  const { train: n, validation: m } = sizes;
  const train = rowsOf(images, order.subarray(0, n));
  const validation = rowsOf(images, order.subarray(n, n + m));
  const held = set === "digits" ? undefined : await scaledImages(set, "f64", { split: "test" });
  const test = held
    ? rowsOf(
        held,
        Int32Array.from({ length: held.rows }, (_, i) => i),
      )
    : rowsOf(images, order.subarray(n + m));
  const wrong = new Set(
    stream
      .split("wrong")
      .permutation(n)
      .subarray(0, Math.round(WRONG_SHARE * n)),
  );
  const classes = stream.split("classes");
  // never the class itself
  const y = train.y.map((label, i) =>
    wrong.has(i) ? (label + 1 + classes.integer(CLASSES - 1)) % CLASSES : label,
  );
  return { train: { ...train, y }, validation, test, wrong };
}

/** The share of rows with the right class. */
export const accuracyOf = (predicted: Int32Array, { y }: LabeledRows<Int32Array>) =>
  predicted.filter((label, i) => label === y[i]).length / y.length;

/** Probability that a right label has a larger weight than a wrong one. */
export function rankedRight(weights: Float64Array, wrong: ReadonlySet<number>): number {
  const order = Int32Array.from(weights.keys()).sort((a, b) => weights[a] - weights[b]);
  let [below, wins] = [0, 0];
  for (const i of order)
    if (wrong.has(i)) below += 1;
    else wins += below;
  return wins / (wrong.size * (weights.length - wrong.size));
}

/** F1 of "weight above 1/2" as a sign of a right label. */
export function f1Of(weights: Float64Array, wrong: ReadonlySet<number>): number {
  let [kept, right] = [0, 0];
  for (const [i, weight] of weights.entries())
    if (weight > 0.5) {
      kept += 1;
      if (!wrong.has(i)) right += 1;
    }
  return (2 * right) / (kept + weights.length - wrong.size);
}
