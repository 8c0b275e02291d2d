import fc from "fast-check";
import { expect, test } from "vitest";
import { residentMatrix } from "../resident.ts";
import { productOf, RATIO, randomMatrix, transposeOf, withBothBuilds } from "../testing.ts";
import { gaussianKernel } from "./gaussian-kernel.ts";
import { type NetworkKernelArguments, networkKernelRows } from "./network-kernel.ts";
import { rowProducts, rowSquares } from "./row-products.ts";

const size = fc.integer({ min: 0, max: 30 });

test("rowProducts is a part of X Y^T", () => {
  withBothBuilds(() =>
    fc.assert(
      fc.property(size, size, size, fc.integer({ min: 0, max: 5 }), (rows, columns, d, first) => {
        const [x, y] = [randomMatrix(first + rows + 2, d, 1), randomMatrix(columns, d, 2)];
        const exact = productOf(x, transposeOf(y));
        const { values } = rowProducts({ x, y, first, rows });
        expect(values.length).toBe(rows * columns);
        for (let k = 0; k < values.length; k++)
          expect(Math.abs(values[k] - exact.values[first * columns + k])).toBeLessThan(
            RATIO * (d + 2) * Number.EPSILON,
          );
      }),
    ),
  );
});

test.each([1, 7, 255, 256, 257, 1500])(
  "a row of %i numbers and its copy give its squared length, bit for bit",
  (d) => {
    withBothBuilds(() => {
      const x = randomMatrix(9, d, d);
      const copy = { ...x, values: x.values.slice() };
      const squares = rowSquares(x);
      const { values } = rowProducts({ x, y: copy });
      for (let i = 0; i < 9; i++) expect(values[i * 9 + i]).toBe(squares[i]);
    });
  },
);

test("the Gaussian kernel between rows, of any shape", () => {
  withBothBuilds(() =>
    fc.assert(
      fc.property(size, size, size, fc.constantFrom(0.3, 1, 4), (rows, columns, d, lengthScale) => {
        const [x, y] = [randomMatrix(rows, d, 3), randomMatrix(columns, d, 4)];
        const { values } = gaussianKernel({ x, y, lengthScale });
        for (let i = 0; i < rows; i++)
          for (let j = 0; j < columns; j++) {
            let square = 0;
            for (let k = 0; k < d; k++) square += (x.values[i * d + k] - y.values[j * d + k]) ** 2;
            const wanted = Math.exp(-square / (2 * lengthScale ** 2));
            expect(values[i * columns + j]).toBeCloseTo(wanted, 12);
          }
      }),
    ),
  );
  for (const n of [1, 63, 64, 65, 150]) {
    const x = randomMatrix(n, 5, n);
    const copy = { ...x, values: x.values.slice() };
    // the same numbers, from one triangle and from all products
    const whole = gaussianKernel({ x, y: copy, lengthScale: 1 });
    expect(gaussianKernel({ x, y: x, lengthScale: 1 }).values).toEqual(whole.values);
  }
  const x = randomMatrix(70, 5, 5);
  const { values } = gaussianKernel({ x, y: residentMatrix(x), lengthScale: 1 });
  for (let i = 0; i < 70; i++) expect(values[i * 71]).toBe(1);
  expect(() => gaussianKernel({ x, y: x, lengthScale: 0 })).toThrow("lengthScale must be a positive number");
  expect(() => gaussianKernel({ x, y: randomMatrix(1, 4, 1), lengthScale: 1 })).toThrow(
    "y must have 5 columns like x",
  );
});

/** The recursion for one pair by arccosines, and Williams's formula for erf. */
function pairKernel(
  { unit, weightVariances: w, biasVariances: b }: NetworkKernelArguments,
  [xx, xy, yy]: readonly [number, number, number],
) {
  let [u, s, v] = [xx, xy, yy].map((value) => w[0] * value + b[0]);
  let theta = s;
  for (let l = 1; l < w.length; l++) {
    const dual = (k11: number, k12: number, k22: number) => {
      if (unit.activation === "erf") {
        const norms = (1 + 2 * k11) * (1 + 2 * k22);
        const slope = 4 / Math.PI / Math.sqrt(norms - 4 * k12 * k12);
        return { mean: (2 / Math.PI) * Math.asin((2 * k12) / Math.sqrt(norms)), slope };
      }
      const q = Math.sqrt(k11 * k22);
      const t = Math.acos(Math.min(1, k12 / q));
      const share = (Math.PI - t) / (2 * Math.PI);
      return { mean: (q * Math.sin(t)) / (2 * Math.PI) + share * k12, slope: share };
    };
    const { mean, slope } = dual(u, s, v);
    [u, s, v] = [dual(u, u, u).mean, mean, dual(v, v, v).mean].map((value) => w[l] * value + b[l]);
    theta = w[l] * theta * slope + s;
  }
  return { sigma: s, theta };
}

/** Variances of the layers but the last, of each row. */
function variancesOf(options: NetworkKernelArguments, squares: readonly number[]): Float64Array[] {
  const { weightVariances: w, biasVariances: b } = options;
  return w.slice(1).map((_, l) => {
    const upTo = { ...options, weightVariances: w.slice(0, l + 1), biasVariances: b.slice(0, l + 1) };
    return Float64Array.from(squares, (square) => pairKernel(upTo, [square, square, square]).sigma);
  });
}

test.each([
  [{ activation: "relu" } as const, 1],
  [{ activation: "relu" } as const, 4],
  [{ activation: "erf" } as const, 3],
])(
  "%o of depth %i: every entry is the recursion of its pair, also below the diagonal alone",
  (unit, depth) => {
    const weightVariances = [1.3, 0.8, 2, 1].slice(0, depth);
    const biasVariances = [0.1, 0, 0.3, 0.05].slice(0, depth);
    withBothBuilds(() => {
      for (const [n, m, d] of [
        [3, 5, 2],
        [17, 600, 7],
        [9, 9, 300],
      ]) {
        const [x, y] = [randomMatrix(n, d, n), randomMatrix(m, d, m)];
        const plain = { unit, x, y, weightVariances, biasVariances, xVariances: [], yVariances: [] };
        const inner = (a: typeof x, i: number, c: typeof x, j: number) => {
          let sum = 0;
          for (let k = 0; k < d; k++) sum += a.values[i * d + k] * c.values[j * d + k];
          return sum / d;
        };
        const squares = (a: typeof x) => Array.from({ length: a.rows }, (_, i) => inner(a, i, a, i));
        const xVariances = variancesOf(plain, squares(x));
        const yVariances = variancesOf(plain, squares(y));
        const [first, rows] = [1, n - 2];
        for (const below of [false, true]) {
          const given = { ...plain, y: residentMatrix(y), xVariances, yVariances, first, rows, below };
          const { covariance, tangent } = networkKernelRows(given);
          for (let i = 0; i < rows; i++)
            for (let j = 0; j < (below ? Math.min(m, first + i) : m); j++) {
              const { sigma, theta } = pairKernel(plain, [
                inner(x, first + i, x, first + i),
                inner(x, first + i, y, j),
                inner(y, j, y, j),
              ]);
              expect(Math.abs(covariance[i * m + j] - sigma)).toBeLessThan(1e-13);
              expect(Math.abs(tangent[i * m + j] - theta)).toBeLessThan(1e-13);
            }
        }
      }
    });
  },
);

test.each([-330, -500, 330, 500])(
  "a rectifier's kernels of points in units of 2^%i are those in others",
  (power) => {
    const far = 2 ** power;
    const points = (unit: number) => {
      const x = {
        ...randomMatrix(5, 3, 4),
        values: randomMatrix(5, 3, 4).values.map((value) => value * unit),
      };
      const inputs = rowSquares(x).map((square) => square / 3 + unit * unit);
      // with weight variances of 2, a rectifier keeps variances
      const variances = [inputs, inputs.map((variance) => variance + unit * unit)];
      const bias = unit * unit;
      return networkKernelRows({
        unit: { activation: "relu" },
        x,
        y: x,
        weightVariances: [1, 2, 2],
        biasVariances: [bias, bias, bias],
        xVariances: variances,
        yVariances: variances,
        below: true,
      });
    };
    withBothBuilds(() => {
      const [near, found] = [points(1), points(far)];
      for (const name of ["covariance", "tangent"] as const)
        for (let i = 0; i < 5; i++)
          for (let j = 0; j < i; j++) {
            const entry = near[name][i * 5 + j];
            expect(Math.abs(found[name][i * 5 + j] / far / far - entry)).toBeLessThanOrEqual(
              1e-14 * Math.abs(entry),
            );
          }
    });
  },
);

test("layers and rows that do not fit are refused by name", () => {
  const x = randomMatrix(3, 2, 1);
  const given = {
    unit: { activation: "relu" } as const,
    x,
    y: x,
    weightVariances: [1, 1],
    biasVariances: [0, 0],
    xVariances: [new Float64Array(3)],
    yVariances: [new Float64Array(3)],
  };
  expect(() => networkKernelRows({ ...given, biasVariances: [0] })).toThrow(
    "biasVariances must have 2 layers",
  );
  expect(() => networkKernelRows({ ...given, xVariances: [] })).toThrow(
    "xVariances must have 1 layers, got 0",
  );
  expect(() => networkKernelRows({ ...given, first: 2, rows: 2 })).toThrow(
    "first and rows must select among the 3 rows of x, got first 2 and rows 2",
  );
});
