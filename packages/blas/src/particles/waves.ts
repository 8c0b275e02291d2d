import { BlasArgumentError } from "../errors.ts";
import { checkedLength, checkVector, copyVectorOut } from "../matrix.ts";
import { type Frame, withFrame } from "../memory.ts";
import { checkNumber } from "../options.ts";
import { particles } from "./family.ts";

/** Rows that are added together; see assembly/waves.ts. */
const ROWS = 4;
/** Numbers of four vectors. */
const SINES = 8;

/** What `squaredSines` takes: 1/2, and the absolute values of the coefficients of sin(pi r) = pi r - (pi r)^3/3! + .. to r^21. */
const SERIES = Float64Array.of(
  0.5,
  5.392664662608129e-10,
  2.2948428997269873e-8,
  7.952054001475513e-7,
  2.1915353447830217e-5,
  4.6630280576761255e-4,
  7.3704309457143504e-3,
  8.214588661112823e-2,
  0.5992645293207921,
  2.5501640398773455,
  5.16771278004997,
  Math.PI,
);

/** Points in WebAssembly memory, padded to four rows, with the squared sines of their coordinates. */
interface Loaded {
  readonly count: number;
  readonly points: number;
  readonly sines: number;
  readonly sums: number;
}

function load(frame: Frame, points: Float64Array, dimension: number): Loaded {
  const count = points.length / dimension;
  const rows = ROWS * Math.ceil(count / ROWS);
  const size = rows * dimension + SINES;
  const series = frame.copy(SERIES);
  const from = frame.numbers(size);
  const sines = frame.numbers(size);
  const sums = frame.numbers(rows);
  frame.heap.numbers.set(points, from / 8);
  particles().squaredSines(points.length, series, from, sines);
  return { count, points: from, sines, sums };
}

/** @returns how many points there are */
function checkPoints(points: Float64Array, dimension: number): number {
  if (!Number.isInteger(dimension) || dimension < 1)
    throw new BlasArgumentError(`dimension must be an integer >= 1, got ${dimension}`);
  if (checkedLength("points", points) % dimension !== 0)
    throw new BlasArgumentError(
      `points must be a Float64Array of a multiple of ${dimension} numbers, got ${points.length} numbers`,
    );
  return points.length / dimension;
}

/**
 * A bowl with waves, at many points: sum_j [x_j^2 + weight sin^2(pi x_j)], added from left to right. Sines have a relative
 * error of about 1e-15, and the same bits on every machine.
 *
 * @param points count x dimension numbers
 * @param out count numbers, overwritten
 * @throws BlasArgumentError when the lengths do not fit
 */
export function waveBowls(points: Float64Array, dimension: number, weight: number, out: Float64Array): void {
  checkVector("out", out, checkPoints(points, dimension));
  checkNumber("weight", weight);
  withFrame("values of points", (frame) => {
    const { count, points: from, sines, sums } = load(frame, points, dimension);
    particles().bowlRows(count, dimension, weight, from, sines, sums);
    copyVectorOut(frame, sums, out);
  });
}

/**
 * The parts of a bowl with waves, at many points: sum_j x_j^2 and sum_j sin^2(pi x_j), added from left to right.
 *
 * @param points count x dimension numbers
 * @param squares count numbers, overwritten
 * @param waves count numbers, overwritten
 * @throws BlasArgumentError when the lengths do not fit
 */
export function squaresAndWaves(
  points: Float64Array,
  dimension: number,
  squares: Float64Array,
  waves: Float64Array,
): void {
  const count = checkPoints(points, dimension);
  checkVector("squares", squares, count);
  checkVector("waves", waves, count);
  withFrame("values of points", (frame) => {
    const { points: from, sines, sums } = load(frame, points, dimension);
    particles().bowlRows(count, dimension, 0, from, sines, sums);
    copyVectorOut(frame, sums, squares);
    particles().rowSums(count, dimension, sines, sums);
    copyVectorOut(frame, sums, waves);
  });
}
