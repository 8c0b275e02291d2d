import { type LabeledRows, rowsWithLabel, selectRows } from "gradus/data";
import { denseMatrix, multiply, multiplyTransposed, norm2 } from "gradus/linalg";
import { type ScaledImages, scaledImages } from "../shared/images.ts";

/** Samples with labels -1 and +1, no intercept, no centering. */
export interface Problem extends LabeledRows<Int32Array> {
  readonly name: string;
}

/** The chosen images, those of the class `positive` labeled +1. */
function imageProblem(
  { columns, pixels, labels, ...images }: ScaledImages<"f64">,
  rows: Int32Array,
  positive: number,
  name: string,
): Problem {
  const x = selectRows(denseMatrix(pixels, images.rows, columns), rows);
  return { name, x, y: rows.map((row) => (labels[row] === positive ? 1 : -1)) };
}

/** Rows of two digits in stored order; the first digit is the class +1. */
export async function digitPair(a: number, b: number): Promise<Problem> {
  const images = await scaledImages("digits", "f64");
  return imageProblem(images, rowsWithLabel(images.labels, a, b), a, `digits ${a}v${b}`);
}

/** The first five nines, class +1, then every other digit. */
export async function nineAgainstRest(): Promise<Problem> {
  const images = await scaledImages("digits", "f64");
  const nines = rowsWithLabel(images.labels, 9).subarray(0, 5);
  const others = rowsWithLabel(images.labels, 0, 1, 2, 3, 4, 5, 6, 7, 8);
  return imageProblem(images, Int32Array.of(...nines, ...others), 9, "digits 9:rest");
}

type ImageSet = "mnist" | "fashion-mnist";
const shortNames = { mnist: "MNIST", "fashion-mnist": "Fashion" } as const;

/** The first 1000 test images of two classes in file order; the first class is +1. */
export async function imagePair(set: ImageSet, a: number, b: number): Promise<Problem> {
  const images = await scaledImages(set, "f64", { split: "test" });
  const rows = rowsWithLabel(images.labels, a, b).subarray(0, 1000);
  return imageProblem(images, rows, a, `${shortNames[set]} ${a}v${b}`);
}

/** The first `k` test images of class `a`, class +1, then the first `l` of class `b`. */
export async function imbalancedImages(a: number, k: number, b: number, l: number): Promise<Problem> {
  const images = await scaledImages("mnist", "f64", { split: "test" });
  const first = (label: number, count: number) => rowsWithLabel(images.labels, label).subarray(0, count);
  const rows = Int32Array.of(...first(a, k), ...first(b, l));
  return imageProblem(images, rows, a, `MNIST ${a}:${b} (${k}:${l})`);
}

/**
 * The hard set: n - 1 copies of (1, 0) and one (-rho, rho), all labeled +1. After a few steps only the lone sample is
 * wrong, and it is one n-th of the mean.
 */
export function hardSet(n: number, rho = 1): Problem {
  const x = new Float64Array(2 * n);
  for (let i = 0; i < n - 1; i++) x[2 * i] = 1;
  x[2 * n - 2] = -rho;
  x[2 * n - 1] = rho;
  return { name: `hard set, n = ${n}`, x: denseMatrix(x, n, 2), y: new Int32Array(n).fill(1) };
}

/** The same samples, rotated to start at another row: another order of summation. */
export function rotated(problem: Problem, by: number): Problem {
  const rows = Int32Array.from({ length: problem.x.rows }, (_, i) => (i + by) % problem.x.rows);
  return { ...problem, x: selectRows(problem.x, rows), y: selectRows(problem.y, rows) };
}

/** The classical limit 2/L of gradient descent's step, L = lambda_max(A^T A) / (4n), by the power method. */
export function classicalLimit({ x }: Problem): number {
  const image = new Float64Array(x.rows);
  let v = new Float64Array(x.columns).fill(1 / Math.sqrt(x.columns));
  let largest = 0;
  for (let k = 0; k < 200; k++) {
    const next = new Float64Array(x.columns);
    multiplyTransposed(x, multiply(x, v, image), next);
    const length = norm2(next);
    const settled = Math.abs(length - largest) <= 1e-12 * length;
    largest = length;
    v = next.map((value) => value / length);
    if (settled) break;
  }
  return (8 * x.rows) / largest;
}
