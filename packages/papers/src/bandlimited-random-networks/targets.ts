import type { DenseMatrix } from "gradus/linalg";

/** A target on [0, 1], with N equidistant training points and 997 test points between them. */
export interface Problem {
  readonly name: string;
  readonly f: (x: number) => number;
  readonly x: DenseMatrix;
  readonly y: Float64Array;
  readonly test: DenseMatrix;
  readonly testValues: Float64Array;
}

const TESTS = 997;

const column = (values: Float64Array): DenseMatrix => ({ rows: values.length, columns: 1, values });

/** A wide bump and two narrow ones. */
export const threeBumps = (x: number): number =>
  0.2 * Math.exp(-((10 * x - 4) ** 2)) +
  0.5 * Math.exp(-((80 * x - 40) ** 2)) +
  0.3 * Math.exp(-((80 * x - 20) ** 2));

export const sine =
  (k: number) =>
  (x: number): number =>
    Math.sin(2 * Math.PI * k * x);

export function problemOf(name: string, f: (x: number) => number, points: number): Problem {
  const x = Float64Array.from({ length: points }, (_, j) => j / (points - 1));
  const test = Float64Array.from({ length: TESTS }, (_, j) => (j + 0.5) / TESTS);
  return { name, f, x: column(x), y: x.map(f), test: column(test), testValues: test.map(f) };
}

/** Root mean square of a - b. */
export function rms(a: ArrayLike<number>, b?: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k] - (b ? b[k] : 0)) ** 2;
  return Math.sqrt(sum / a.length);
}

/** What holds wherever a lower bound or a plateau is shown. */
export const CAVEAT =
  "Without a budget for the output weights there is no plateau in exact arithmetic: on an interval, sigmoid units of any open domain are dense. The size of the weights and the precision of the numbers stop the fit.";
