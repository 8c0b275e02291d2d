import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { parseCheckpoint, serializeCheckpoint } from "../../iterate/checkpoint.ts";
import { solve } from "../../iterate/iterate.ts";
import { type DenseMatrix, denseMatrix } from "../../linalg/matrix.ts";
import { csrFromDense } from "../../linalg/sparse/build.ts";
import { randomStream } from "../../random/stream.ts";
import { blockCoordinateDescent } from "./block-coordinate-descent.ts";
import { type BlockCoordinateOptions, blockCoordinateIterates } from "./block-coordinate-iterates.ts";
import type { BlockState } from "./block-state.ts";
import { l1, nonnegativeL1 } from "./problem.ts";
import { blockLeastSquares } from "./problems/least-squares.ts";
import { blockLogistic } from "./problems/logistic.ts";
import { blockQuadratic } from "./problems/quadratic.ts";

/** Entries by formulas in whole numbers, so that another library can be given the same. */
const [m, n] = [20, 30];
const byFormula = denseMatrix(
  Array.from({ length: m * n }, (_, k) => {
    const [i, j] = [Math.floor(k / n), k % n];
    return ((7 * i + 3 * j + i * j * j + i * i * j) % 31) - 15;
  }),
  m,
  n,
);
const target = Array.from({ length: m }, (_, i) => ((5 * i * i + 3 * i) % 29) - 14);

/** What a penalty's lasso gives: its solution, and the gap at the coefficients after one sweep. */
interface Printed {
  readonly penalty: typeof l1;
  readonly solution: Readonly<Record<number, number>>;
  readonly swept: Readonly<Record<number, number>>;
  readonly gap: number;
}

/** Coefficients and the gap that scikit-learn 1.4.2 prints, alpha = 100 / 20: at tol 1e-15, and after one sweep. */
const printed: readonly Printed[] = [
  {
    penalty: l1,
    solution: {
      0: 0.024274707385496093,
      3: 0.04851165067996786,
      7: -0.4465057514258857,
      8: 0.2745236720834621,
      9: -0.09651088851948064,
      10: -0.24224333862159272,
      11: 0.2870154838636071,
      13: -0.0697036690937827,
      15: 0.05891542233310984,
      16: 0.06498644621775998,
      19: -0.18011445889878175,
      21: 0.033871876375925605,
      23: 0.022508979564055173,
      25: -0.25596043560468495,
      28: -0.1522509173513233,
    },
    swept: {
      1: -0.17823947512301805,
      2: -0.030948807614825987,
      3: 0.07792292621133219,
      4: 0.04415235350392354,
      6: -0.1388098327973183,
      7: -0.612443666483557,
      8: 0.23271106866256264,
      9: -0.15969439790382248,
      10: -0.2776255845570498,
      11: 0.3030278671823204,
      12: 0.08584739521118323,
      13: -0.04851683978209483,
      14: 0.09618066260905114,
      15: 0.04065604217522199,
      16: 0.027051782803845466,
      17: 0.015815909917229486,
      18: 0.05485218802502249,
      19: -0.06373566454770509,
      20: 0.06488399230391731,
      21: 0.12911801087223468,
      25: -0.19810992664179244,
      26: 0.021718066615492377,
      28: -0.03925800939079856,
    },
    gap: 293.605888808597,
  },
  {
    penalty: nonnegativeL1,
    solution: {
      3: 0.12297386224275252,
      8: 0.8513650427452782,
      11: 0.5701523802382431,
      12: 0.1743929355406439,
      14: 0.11277079313095706,
      16: 0.17621509551626227,
      17: 0.0028387514705373847,
      21: 0.3534626093638643,
      22: 0.0717836877373508,
      26: 0.059092774339852806,
    },
    swept: {
      3: 0.12379807692307693,
      4: 0.0012525090650090567,
      8: 0.4136053711225111,
      11: 0.5311830066053422,
      12: 0.043087727645818676,
      14: 0.04103451688354927,
      16: 0.10935675074549743,
      21: 0.2466382028881373,
      23: 0.080185434250279,
    },
    gap: 277.90787984297026,
  },
];

const coefficients = (given: Printed["swept"]) => Float64Array.from({ length: n }, (_, j) => given[j] ?? 0);

describe.each(printed)("scikit-learn's lasso, $penalty.name", ({ penalty, solution, swept, gap }) => {
  test.each([
    ["dense", byFormula],
    ["sparse", csrFromDense(byFormula)],
  ])("its coefficients, %s", async (_, A) => {
    const problem = penalty(blockLeastSquares(A, target), 100);
    const { x, status, activeSet } = await blockCoordinateDescent(problem, { stop: { kkt: 1e-9 } });
    expect(status).toBe("converged");
    for (let j = 0; j < n; j++) expect(x[j]).toBeCloseTo(solution[j] ?? 0, 10);
    expect([...(activeSet?.support ?? [])]).toEqual(Object.keys(solution).map(Number));
  });

  test("its duality gap", async () => {
    expect.hasAssertions();
    const problem = penalty(blockLeastSquares(byFormula, target), 100);
    for await (const { dualityGap } of blockCoordinateIterates(problem, { x0: coefficients(swept) })) {
      expect((dualityGap ?? 0) / gap).toBeCloseTo(1, 10);
      break;
    }
  });
});

/** A design whose columns have much in common, with rows or columns in excess, small or large enough for WebAssembly. */
const designs = fc
  .record({
    rows: fc.integer({ min: 1, max: 90 }),
    columns: fc.integer({ min: 1, max: 120 }),
    seed: fc.nat(1e6),
    common: fc.constantFrom(0, 0.5, 3),
    share: fc.constantFrom(0.1, 1),
    ratio: fc.constantFrom(0.02, 0.1, 0.5, 0.99, 1.1),
    nonnegative: fc.boolean(),
  })
  .map(({ rows, columns, seed, common, share, ratio, nonnegative }) => {
    const stream = randomStream(seed);
    const values = Float64Array.from({ length: rows * columns }, () =>
      stream.uniform() < share ? stream.normal() : 0,
    );
    for (let i = 0; i < rows; i++) {
      const shift = common * stream.normal();
      for (let j = 0; j < columns; j++) if (values[i * columns + j] !== 0) values[i * columns + j] += shift;
    }
    const A: DenseMatrix = { rows, columns, values };
    const c = stream.fillNormal(new Float64Array(rows));
    return { A, c, ratio, penalty: nonnegative ? nonnegativeL1 : l1, nonnegative };
  });

function problemOf({
  A,
  c,
  ratio,
  penalty,
  nonnegative,
}: typeof designs extends fc.Arbitrary<infer T> ? T : never) {
  const { rows, columns, values } = A;
  let largest = 0;
  for (let j = 0; j < columns; j++) {
    let sum = 0;
    for (let i = 0; i < rows; i++) sum += values[i * columns + j] * c[i];
    largest = Math.max(largest, nonnegative ? sum : Math.abs(sum));
  }
  return penalty(
    blockLeastSquares(values.every((value) => value !== 0) ? A : csrFromDense(A), c),
    ratio * largest,
  );
}

test("working sets end where the exact minimizer of one block of all coordinates ends, and the gap bounds the error", async () => {
  await fc.assert(
    fc.asyncProperty(designs, async (design) => {
      const problem = problemOf(design);
      if (problem.lipschitz.every((L) => L === 0)) return;
      const exact = await blockCoordinateDescent(problem, {
        blockSize: problem.dimension,
        select: "gsq",
        update: "projected-newton",
      });
      const scale = design.c.reduce((sum, value) => sum + value * value, 0);
      let rise = Number.POSITIVE_INFINITY;
      const found = await blockCoordinateDescent(problem, {
        maxIterations: 2000,
        onIterate({ value, dualityGap = Number.NaN }) {
          expect(value - exact.value).toBeLessThanOrEqual(dualityGap + 1e-13 * scale);
          expect(value).toBeLessThanOrEqual(rise + 1e-13 * scale);
          rise = value;
        },
      });
      expect(found.status).toBe("converged");
      expect(Math.abs(found.value - exact.value)).toBeLessThanOrEqual(1e-10 * scale);
      // a coordinate outside of the last working set is 0, and its condition holds
      const last = new Set(found.trace.at(-1)?.block);
      for (let j = 0; j < problem.dimension; j++) if (!last.has(j)) expect(found.x[j]).toBe(0);
      const tight = await blockCoordinateDescent(problem, {
        stop: { dualityGap: 1e-12 },
        maxIterations: 2000,
      });
      expect(tight.value - exact.value).toBeLessThanOrEqual(1.1e-12 * scale);
    }),
    { numRuns: 80 },
  );
});

test("coordinates that a gap-safe sphere rules out at any iterate are 0 in the exact solution", async () => {
  expect.hasAssertions();
  await fc.assert(
    fc.asyncProperty(designs, async (design) => {
      const problem = problemOf(design);
      if (problem.lipschitz.every((L) => L === 0)) return;
      const lambda = problem.penalty?.lambda ?? 0;
      const exact = await blockCoordinateDescent(problem, {
        blockSize: problem.dimension,
        select: "gsq",
        update: "projected-newton",
      });
      await blockCoordinateDescent(problem, {
        maxIterations: 50,
        onIterate({ gradient, dualityGap = Number.NaN }) {
          const steepest = gradient.reduce(
            (most, g) => Math.max(most, design.nonnegative ? -g : Math.abs(g)),
            0,
          );
          const s = steepest > lambda ? lambda / steepest : 1;
          // Ndiaye, Fercoq, Gramfort & Salmon 2017, theorem 6
          const radius = Math.sqrt(2 * Math.max(dualityGap, 0));
          gradient.forEach((g, j) => {
            const correlation = design.nonnegative ? -s * g : s * Math.abs(g);
            if (correlation + radius * Math.sqrt(problem.lipschitz[j]) < lambda * (1 - 1e-9))
              expect(Math.abs(exact.x[j])).toBe(0);
          });
        },
      });
    }),
    { numRuns: 40 },
  );
});

test("nearly dependent columns, on which sweeps crawl, are minimized exactly", async () => {
  const stream = randomStream(5);
  const [rows, columns] = [200, 40];
  const values = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    const common = stream.normal();
    for (let j = 0; j < columns; j++) values[i * columns + j] = common + 1e-3 * stream.normal();
  }
  const c = stream.fillNormal(new Float64Array(rows));
  const problem = l1(blockLeastSquares({ rows, columns, values }, c), 1e-3);
  const { status, iterations, kktResidual } = await blockCoordinateDescent(problem);
  expect(status).toBe("converged");
  expect(iterations).toBeLessThan(20);
  expect(kktResidual).toBeLessThan(1e-6);
});

test("a run by working sets resumes bit for bit, through text", async () => {
  const problem = l1(blockLeastSquares(byFormula, target), 5);
  const whole = await solve(blockCoordinateIterates(problem), { maxIterations: 4 });
  let saved: { iteration: number; state: BlockState } | undefined;
  for await (const { iteration, state } of blockCoordinateIterates(problem))
    if (iteration === 2) {
      saved = parseCheckpoint(serializeCheckpoint({ iteration, state })) as typeof saved;
      break;
    }
  const resumed = await solve(blockCoordinateIterates(problem, { resume: saved }), { maxIterations: 4 });
  expect(resumed.iterate.state).toStrictEqual(whole.iterate.state);
});

test("an aborted signal ends the run with its reason", async () => {
  const problem = l1(blockLeastSquares(byFormula, target), 5);
  const signal = AbortSignal.abort(new Error("closed"));
  await expect(blockCoordinateDescent(problem, { signal })).rejects.toThrow("closed");
});

test("sweeps over fixed blocks end at the same point", async () => {
  const problem = l1(blockLeastSquares(byFormula, target), 100);
  const options = { blockSize: 8, update: "sweeps", stop: { kkt: 1e-9 } } as const;
  const best = await blockCoordinateDescent(problem, { stop: { kkt: 1e-9 } });
  for (const partition of ["variable", "order"] as const) {
    const { x, status } = await blockCoordinateDescent(problem, { ...options, partition });
    expect(status).toBe("converged");
    x.forEach((value, j) => {
      expect(value).toBeCloseTo(best.x[j], 9);
    });
  }
});

test("working sets serve other losses and quadratics with the same end", async () => {
  const labels = target.map((value) => (value > 0 ? 1 : -1));
  const gram = Float64Array.from({ length: n * n }, (_, k) => {
    const [p, q] = [Math.floor(k / n), k % n];
    let sum = 0;
    for (let i = 0; i < m; i++) sum += byFormula.values[i * n + p] * byFormula.values[i * n + q];
    return sum;
  });
  const linear = Float64Array.from({ length: n }, (_, j) =>
    target.reduce((sum, value, i) => sum + value * byFormula.values[i * n + j], 0),
  );
  for (const smooth of [
    blockLogistic(byFormula, labels),
    blockQuadratic(denseMatrix(gram, n, n), linear),
    blockLeastSquares(byFormula, target),
  ])
    for (const problem of [l1(smooth, 20), nonnegativeL1(smooth, 20)]) {
      const found = await blockCoordinateDescent(problem, { select: "working-set", stop: { kkt: 1e-9 } });
      const exact = await blockCoordinateDescent(problem, { blockSize: n, stop: { kkt: 1e-10 } });
      expect(found.status).toBe("converged");
      found.x.forEach((value, j) => {
        expect(value).toBeCloseTo(exact.x[j], 9);
      });
      expect(found.activeSet?.support).toEqual(exact.activeSet?.support);
    }
});

test("options that do not fit working sets are refused, with what was wanted", async () => {
  const squares = blockLeastSquares(byFormula, target);
  const run =
    (options: BlockCoordinateOptions, problem = l1(squares, 1)) =>
    () =>
      blockCoordinateIterates(problem, options);
  const wanted =
    'select "working-set" needs a penalty, partition "variable", update "sweeps" and no blockSize';
  expect(run({ select: "working-set" }, squares)).toThrow(wanted);
  expect(run({ select: "working-set", blockSize: 3 })).toThrow(wanted);
  expect(run({ select: "working-set", update: "prox" })).toThrow(wanted);
  expect(run({ select: "working-set", partition: "sort" })).toThrow(wanted);
  expect(run({ select: "working-set", blocks: [[0]] })).toThrow(wanted);
  expect(run({ update: "sweeps" }, squares)).toThrow("needs a penalty");
  await expect(blockCoordinateDescent(squares, { stop: { dualityGap: 1 } })).rejects.toThrow(
    "stop.dualityGap needs least squares with a penalty",
  );
  await expect(blockCoordinateDescent(l1(squares, 1), { stop: { dualityGap: -1 } })).rejects.toThrow(
    "stop.dualityGap must be a non-negative number",
  );
});

test("memory given back is used again, and copied to again where a problem goes on", async () => {
  const [rows, columns] = [300, 200];
  const A = denseMatrix(randomStream(1).fillNormal(new Float64Array(rows * columns)), rows, columns);
  const c = randomStream(2).fillNormal(new Float64Array(rows));
  for (const matrix of [A, csrFromDense(A)]) {
    const problem = l1(blockLeastSquares(matrix, c), 20);
    const before = await blockCoordinateDescent(problem);
    problem[Symbol.dispose]?.();
    const grow = vi.spyOn(WebAssembly.Memory.prototype, "grow");
    for (let k = 0; k < 200; k++) l1(blockLeastSquares(matrix, c), 20)[Symbol.dispose]?.();
    expect((await blockCoordinateDescent(problem)).x).toEqual(before.x);
    expect(grow).not.toHaveBeenCalled();
    grow.mockRestore();
  }
});
