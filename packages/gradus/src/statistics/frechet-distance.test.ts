import { describe, expect, test } from "vitest";
import { ArgumentError, DataError } from "../check/errors.ts";
import { type DenseMatrix, denseMatrix } from "../linalg/matrix.ts";
import { randomStream } from "../random/stream.ts";
import { frechetDistance, frechetGaussian } from "./frechet-distance.ts";
import { sampleMoments } from "./moments.ts";
import { principalComponents } from "./principal-components.ts";

const stream = randomStream(1);
const square = (...values: number[]) =>
  denseMatrix(values, Math.sqrt(values.length), Math.sqrt(values.length));

/** Q diag(values) Q^T. */
function withSpectrum(Q: Float64Array, values: readonly number[]): DenseMatrix {
  const d = values.length;
  const entries = Float64Array.from({ length: d * d }, (_, k) => {
    const [i, j] = [Math.floor(k / d), k % d];
    return values.reduce((sum, value, m) => sum + value * Q[i * d + m] * Q[j * d + m], 0);
  });
  return denseMatrix(entries, d, d);
}

describe("frechetGaussian", () => {
  test("in one dimension is (m1 - m2)^2 + (s1 - s2)^2", () => {
    const a = { mean: Float64Array.of(1), covariance: square(9) };
    const b = { mean: Float64Array.of(-1), covariance: square(0.25) };
    expect(frechetGaussian(a, b)).toBeCloseTo(4 + 2.5 ** 2, 13);
  });

  test("for covariances with common eigenvectors is the sum of (sqrt(a_i) - sqrt(b_i))^2", () => {
    const { values: Q } = stream.orthogonal(5);
    const [first, second] = [
      [1, 2, 3, 4, 0],
      [4, 0, 0.5, 1, 2],
    ];
    const mean = new Float64Array(5);
    const expected = first.reduce((sum, v, i) => sum + (Math.sqrt(v) - Math.sqrt(second[i])) ** 2, 0);
    const distance = frechetGaussian(
      { mean, covariance: withSpectrum(Q, first) },
      { mean, covariance: withSpectrum(Q, second) },
    );
    expect(distance).toBeCloseTo(expected, 6); // square roots of eigenvalues that are 0 to 1e-16
  });

  test("in two dimensions follows tr (S1 S2)^{1/2} = sqrt(tr(S1 S2) + 2 sqrt(det S1 det S2)), both ways round", () => {
    const a = { mean: Float64Array.of(0, 1), covariance: square(2, 0.7, 0.7, 1) };
    const b = { mean: Float64Array.of(2, 1), covariance: square(1, -0.4, -0.4, 3) };
    const traceOfProduct = 2 * 1 + 2 * 0.7 * -0.4 + 1 * 3;
    const determinants = (2 - 0.49) * (3 - 0.16);
    const expected = 4 + 3 + 4 - 2 * Math.sqrt(traceOfProduct + 2 * Math.sqrt(determinants));
    expect(frechetGaussian(a, b)).toBeCloseTo(expected, 13);
    expect(frechetGaussian(b, a)).toBeCloseTo(expected, 13);
    expect(frechetGaussian(a, a)).toBeLessThan(1e-13);
  });

  test("rejects matrices that are no covariances", () => {
    const a = { mean: Float64Array.of(0, 0), covariance: square(1, 0, 0, 1) };
    const indefinite = { ...a, covariance: square(1, 2, 2, 1) };
    expect(() => frechetGaussian(indefinite, a)).toThrow(DataError);
    expect(() => frechetGaussian(a, indefinite)).toThrow(
      "the second covariance must be positive semidefinite",
    );
    expect(() => frechetGaussian({ ...a, covariance: square(1, 0, 1, 1) }, a)).toThrow("symmetric");
    expect(() => frechetGaussian(a, { ...a, mean: Float64Array.of(0) })).toThrow(ArgumentError);
  });
});

describe("frechetDistance", () => {
  const [n, d] = [400, 4];
  const rows = (values: Float64Array) => denseMatrix(values, n, d);
  const x = rows(stream.fillNormal(new Float64Array(n * d)).map((v, k) => v * (1 + (k % d))));

  test("of a sample shifted and scaled is known exactly", () => {
    // y = 2 x + c: the mean moves by m + c, the covariance becomes 4 S
    const c = [1, 0, -2, 3];
    const y = rows(x.values.map((v, k) => 2 * v + c[k % d]));
    const { mean, covariance } = sampleMoments(x);
    const trace = [0, 1, 2, 3].reduce((sum, j) => sum + covariance.values[j * (d + 1)], 0);
    const shift = mean.reduce((sum, m, j) => sum + (m + c[j]) ** 2, 0);
    expect(frechetDistance(x, y)).toBeCloseTo(shift + trace, 10);
  });

  test("on all components is the same, and on few leaves out what lies beside them", () => {
    const y = rows(x.values.map((v, k) => (k % d === 0 ? v + 100 : v)));
    expect(frechetDistance(x, y, { components: d })).toBeCloseTo(frechetDistance(x, y), 7);
    // coordinate 0 has the smallest variance of four
    expect(frechetDistance(x, y, { components: 1 })).toBeLessThan(0.01 * 100 ** 2);
    expect(() => frechetDistance(x, y, { components: 5 })).toThrow(
      "components must be an integer from 1 to 4",
    );
    const few = denseMatrix(x.values.slice(0, 3 * d), 3, d);
    expect(() => frechetDistance(few, y, { components: 3 })).toThrow(
      "x must have more rows than components, got 3 rows for 3 components: take more samples or at most 2 components",
    );
    expect(frechetDistance(few, y, { components: 2 })).toBeGreaterThan(0);
    expect(() => frechetDistance(x, denseMatrix(x.values, 2 * n, d / 2))).toThrow(
      "y must have 4 columns, as x, got 2",
    );
  });
});

describe("principalComponents", () => {
  test("finds the axes of points on a tilted line, mean and variance included", () => {
    const t = [-2, -1, 0, 1, 2];
    const x = denseMatrix(
      t.flatMap((s) => [1 + 0.6 * s, 2 + 0.8 * s]),
      5,
      2,
    );
    const { mean, components, variances, project } = principalComponents(x, 2);
    expect(Array.from(mean, (m) => Number(m.toFixed(12)))).toEqual([1, 2]);
    expect(components.values[0]).toBeCloseTo(0.6, 14);
    expect(components.values[1]).toBeCloseTo(0.8, 14);
    expect(variances[0]).toBeCloseTo(2.5, 13);
    expect(variances[1]).toBeLessThan(1e-14);
    const coordinates = project(x).values;
    for (const [i, s] of t.entries()) {
      expect(coordinates[2 * i]).toBeCloseTo(s, 13);
      expect(coordinates[2 * i + 1]).toBeCloseTo(0, 13);
    }
  });

  test("gives uncorrelated coordinates of the stated variances", () => {
    const { values: mixing } = stream.orthogonal(3);
    const x = new Float64Array(3 * 200);
    for (let i = 0; i < 200; i++) {
      const z = stream.fillNormal(new Float64Array(3)).map((v, k) => v * (3 - k));
      for (let j = 0; j < 3; j++) x[3 * i + j] = z.reduce((sum, v, k) => sum + mixing[j * 3 + k] * v, 5);
    }
    const { variances, project } = principalComponents(denseMatrix(x, 200, 3), 3);
    const { mean, covariance } = sampleMoments(project(denseMatrix(x, 200, 3)));
    for (let j = 0; j < 3; j++) {
      expect(mean[j]).toBeCloseTo(0, 12);
      for (let k = 0; k < 3; k++)
        expect(covariance.values[j * 3 + k]).toBeCloseTo(j === k ? variances[j] : 0, 11);
    }
  });

  test("rejects samples and counts that do not fit", () => {
    expect(() => principalComponents(new Float64Array(5) as never, 1)).toThrow(ArgumentError);
    expect(() => principalComponents(denseMatrix([0, 0], 1, 2), 1)).toThrow(
      "x must have at least two rows, got 1",
    );
    expect(() => sampleMoments(denseMatrix([1, 2, 3, Number.NaN], 2, 2))).toThrow(
      "got NaN in row 1, column 1",
    );
    const { project } = principalComponents(denseMatrix([1, 2, 3, 5], 2, 2), 1);
    expect(() => project(denseMatrix([1, 2, 3], 1, 3))).toThrow(ArgumentError);
  });
});

test("the squared distance is in squares of the unit of the points", () => {
  const points = (seed: number, unit: number) => ({
    rows: 12,
    columns: 3,
    values: randomStream(seed)
      .fillNormal(new Float64Array(36))
      .map((value) => unit * (value + seed)),
  });
  const one = frechetDistance(points(1, 1), points(2, 1));
  for (const unit of [2 ** -480, 2 ** -300, 2 ** 300, 2 ** 480])
    expect(frechetDistance(points(1, unit), points(2, unit)) / unit / unit / one).toBeCloseTo(1, 9);
  expect(() => frechetDistance(points(1, 2 ** 600), points(2, 1))).toThrow("the variance of column 0 of x");
});

test("principal components are those of points in any unit", () => {
  const values = randomStream(4).fillNormal(new Float64Array(30));
  const points = (unit: number) => ({ rows: 10, columns: 3, values: values.map((value) => unit * value) });
  const one = principalComponents(points(1), 2);
  for (const unit of [2 ** -1000, 2 ** -500, 2 ** 450]) {
    const { mean, components, variances, project } = principalComponents(points(unit), 2);
    expect(components.values).toEqual(one.components.values);
    expect(mean).toEqual(one.mean.map((value) => unit * value));
    expect(variances).toEqual(one.variances.map((value) => unit * (unit * value)));
    expect(project(points(unit)).values).toEqual(one.project(points(1)).values.map((value) => unit * value));
  }
});

test("the largest numbers of float64 have distances and components, too", () => {
  const most = Number.MAX_VALUE;
  const at = (mean: number) => ({ mean: Float64Array.of(mean), covariance: denseMatrix([1], 1, 1) });
  expect(frechetGaussian(at(most), at(0))).toBe(Number.POSITIVE_INFINITY);
  const { mean, components } = principalComponents(denseMatrix([most, 0, 0, 0], 2, 2), 1);
  expect([...mean]).toEqual([most / 2, 0]);
  expect([...components.values]).toEqual([1, 0]);
});
