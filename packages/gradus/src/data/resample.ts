import { checkLength } from "../check/arrays.ts";
import { ArgumentError, DataError } from "../check/errors.ts";
import { checkPositiveInteger, checkWithin } from "../check/numbers.ts";
import { checkGivenOptions } from "../check/options.ts";
import { checkDense, type DenseMatrix } from "../linalg/matrix.ts";
import { randomStream } from "../random/stream.ts";
import type { LabeledRows } from "./dataset.ts";
import { rowsWithLabel, selectRows } from "./rows.ts";

interface Classes {
  readonly minority: number;
  readonly minorityRows: Int32Array;
  readonly majorityRows: Int32Array;
}

function twoClasses(x: DenseMatrix, y: Int32Array, ratio: number): Classes {
  checkDense("x", x);
  checkLength("y", y, x.rows);
  const labels = [...new Set(y)];
  if (labels.length !== 2)
    throw new DataError(`y must have two classes, got ${labels.length}: ${labels.slice(0, 5).join(", ")}`);
  checkWithin("(0, 1]", { ratio });
  const [a, b] = labels.map((label) => ({ label, rows: rowsWithLabel(y, label) }));
  const [few, many] = a.rows.length <= b.rows.length ? [a, b] : [b, a];
  return { minority: few.label, minorityRows: few.rows, majorityRows: many.rows };
}

function notReachable(ratio: number, { minorityRows, majorityRows }: Classes): ArgumentError {
  const [few, many] = [minorityRows.length, majorityRows.length];
  return new ArgumentError(
    `ratio must be above the current ratio ${few / many} of ${few} minority to ${many} majority rows, got ${ratio}`,
  );
}

// the k rows nearest to each row in Euclidean distance, nearest first; ties go to the earlier row
function nearestRows(points: Float64Array, n: number, d: number, k: number): Int32Array {
  const nearest = new Int32Array(n * k);
  const distances = new Float64Array(k);
  for (let i = 0; i < n; i++) {
    distances.fill(Number.POSITIVE_INFINITY);
    for (let other = 0; other < n; other++) {
      if (other === i) continue;
      let distance = 0;
      for (let j = 0; j < d; j++) distance += (points[i * d + j] - points[other * d + j]) ** 2;
      if (!(distance < distances[k - 1])) continue;
      let place = k - 1;
      for (; place > 0 && distances[place - 1] > distance; place--) {
        distances[place] = distances[place - 1];
        nearest[i * k + place] = nearest[i * k + place - 1];
      }
      distances[place] = distance;
      nearest[i * k + place] = other;
    }
  }
  return nearest;
}

/**
 * SMOTE: adds synthetic minority rows until minority/majority is `ratio`. Each lies on the segment from a random
 * minority row a to one of its nearest minority neighbors b:  a + u (b - a),  u uniform on [0, 1).
 * The original rows come first and are unchanged.
 * Source: Chawla, Bowyer, Hall & Kegelmeyer 2002, "SMOTE: synthetic minority over-sampling technique", JAIR 16.
 *
 * @param x one row per label
 * @param y labels of two classes
 * @throws ArgumentError when ratio is not in (0, 1] or not above the current ratio, or `neighbors` is not a positive
 *   integer
 * @throws DataError when y does not have two classes, or the minority does not have more than `neighbors` rows
 */
export function smote(
  x: DenseMatrix,
  y: Int32Array,
  options: { ratio: number; neighbors?: number; seed: number },
): LabeledRows<Int32Array> {
  checkGivenOptions("smote", options, ["ratio", "neighbors", "seed"]);
  const { ratio, neighbors = 5, seed } = options;
  const classes = twoClasses(x, y, ratio);
  const { minority, minorityRows, majorityRows } = classes;
  const d = x.columns;
  checkPositiveInteger({ neighbors });
  if (minorityRows.length <= neighbors)
    throw new DataError(
      `the minority class ${minority} must have more than neighbors = ${neighbors} rows, got ${minorityRows.length}`,
    );
  const added = Math.round(ratio * majorityRows.length) - minorityRows.length;
  if (added <= 0) throw notReachable(ratio, classes);
  const points = selectRows(x, minorityRows).values;
  const nearest = nearestRows(points, minorityRows.length, d, neighbors);
  const stream = randomStream(seed);
  const n = y.length + added;
  const synthetic = new Float64Array(n * d);
  synthetic.set(x.values);
  for (let row = y.length; row < n; row++) {
    const from = stream.integer(minorityRows.length);
    const to = nearest[from * neighbors + stream.integer(neighbors)];
    const u = stream.uniform();
    for (let j = 0; j < d; j++) {
      const start = points[from * d + j];
      synthetic[row * d + j] = start + u * (points[to * d + j] - start);
    }
  }
  const labels = new Int32Array(n).fill(minority, y.length);
  labels.set(y);
  return { x: { rows: n, columns: d, values: synthetic }, y: labels };
}

/**
 * Drops random majority rows until minority/majority is `ratio`; the remaining rows keep their order.
 *
 * @param x one row per label
 * @param y labels of two classes
 * @returns the remaining rows, and in `rows` their numbers in the input
 * @throws ArgumentError when ratio is not in (0, 1] or not above the current ratio
 * @throws DataError when y does not have two classes
 */
export function randomUndersample(
  x: DenseMatrix,
  y: Int32Array,
  options: { ratio: number; seed: number },
): LabeledRows<Int32Array> & { readonly rows: Int32Array } {
  checkGivenOptions("randomUndersample", options, ["ratio", "seed"]);
  const { ratio, seed } = options;
  const classes = twoClasses(x, y, ratio);
  const { minorityRows, majorityRows } = classes;
  const kept = Math.round(minorityRows.length / ratio);
  if (kept >= majorityRows.length) throw notReachable(ratio, classes);
  const order = randomStream(seed).permutation(majorityRows.length).subarray(0, kept);
  const rows = new Int32Array(minorityRows.length + kept);
  rows.set(minorityRows);
  rows.set(selectRows(majorityRows, order), minorityRows.length);
  rows.sort();
  return { x: selectRows(x, rows), y: selectRows(y, rows), rows };
}
