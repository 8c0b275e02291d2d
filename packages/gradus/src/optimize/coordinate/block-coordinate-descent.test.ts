import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseCheckpoint, serializeCheckpoint } from "../../iterate/checkpoint.ts";
import { solve } from "../../iterate/iterate.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { csrFromDense } from "../../linalg/sparse/build.ts";
import { randomStream } from "../../random/stream.ts";
import { blockCoordinateDescent } from "./block-coordinate-descent.ts";
import { type BlockCoordinateOptions, blockCoordinateIterates } from "./block-coordinate-iterates.ts";
import type { BlockState } from "./block-state.ts";
import { labelPropagation, latticeGraph } from "./graph/label-propagation.ts";
import { type BlockProblem, l1, nonnegativeL1 } from "./problem.ts";
import { blockLeastSquares } from "./problems/least-squares.ts";
import { blockLogistic } from "./problems/logistic.ts";
import { blockQuadratic } from "./problems/quadratic.ts";
import { blockSoftmax } from "./problems/softmax.ts";

function design(seed: number, m: number, n: number) {
  const stream = randomStream(seed);
  const values = stream.fillNormal(new Float64Array(m * n));
  return { A: { rows: m, columns: n, values }, c: stream.fillNormal(new Float64Array(m)) };
}

const { A, c } = design(1, 30, 12);
const y = c.map((v) => (v > 0 ? 1 : -1));
const squares = blockLeastSquares(A, c);
const logistic = blockLogistic(A, y);
const softmax = blockSoftmax(
  A,
  Int32Array.from({ length: 30 }, (_, i) => i % 3),
  { classes: 3 },
);
const laplacian = labelPropagation(
  latticeGraph(5, 5),
  new Map([
    [0, 1],
    [24, -1],
    [7, 3],
  ]),
);
const grid = blockQuadratic(laplacian.A, laplacian.c);

const runs: [string, BlockProblem, BlockCoordinateOptions][] = [
  ["random, gradient", squares, { blockSize: 3, select: "random", update: "gradient" }],
  ["cyclic, matrix", squares, { blockSize: 5, select: "cyclic", update: "matrix" }],
  ["lipschitz, gradient", squares, { blockSize: 3, select: "lipschitz", update: "gradient" }],
  ["random blocks, exact", squares, { blockSize: 5, partition: "random", select: "random", update: "exact" }],
  ["cyclic blocks", squares, { blockSize: 3, partition: "average", select: "cyclic", update: "gradient" }],
  ["Lipschitz blocks", squares, { blockSize: 3, partition: "sort", select: "lipschitz", update: "matrix" }],
  ["gs", squares, { blockSize: 3, partition: "order", select: "gs", update: "gradient" }],
  ["gsl", squares, { blockSize: 3, partition: "sort", select: "gsl", update: "gradient" }],
  ["gsd", squares, { blockSize: 3, partition: "sort", select: "gsd", update: "matrix" }],
  ["gsq", squares, { blockSize: 3, partition: "sort", select: "gsq", update: "matrix" }],
  ["gsn", logistic, { blockSize: 3, partition: "sort", select: "gsn", update: "newton" }],
  ["variable gs", squares, { blockSize: 3, select: "gs", update: "gradient" }],
  ["variable gsl", squares, { blockSize: 3, select: "gsl", update: "matrix" }],
  ["variable gsd", logistic, { blockSize: 3, select: "gsd", update: "newton" }],
  ["iht", squares, { blockSize: 3, select: "iht", update: "matrix" }],
  ["backtracking", logistic, { blockSize: 3, partition: "order", select: "gsl", update: "backtracking" }],
  ["relaxed", logistic, { blockSize: 3, select: "gs", update: "backtracking", relaxation: 0.5 }],
  ["softmax", softmax, { blockSize: 9, select: "gsd", update: "newton" }],
  ["forest", grid, { select: "forest" }],
  ["random forest", grid, { select: "random-forest" }],
  ["gsd on a graph", grid, { blockSize: 4, select: "gsd", update: "gradient" }],
  ["general", grid, { blockSize: 4, select: "gs", update: "exact" }],
  ["PG", nonnegativeL1(squares, 1), { blockSize: 3, update: "prox" }],
  ["PN", nonnegativeL1(squares, 1), { blockSize: 3, partition: "sort", update: "projected-newton" }],
  ["TMP", nonnegativeL1(squares, 1), { blockSize: 5, update: "two-metric" }],
  ["PN, logistic", l1(logistic, 0.5), { blockSize: 5, select: "cyclic" }],
  ["TMP, logistic", nonnegativeL1(logistic, 0.5), { blockSize: 5, update: "two-metric" }],
];

test.each(runs)("%s: f never rises and the method converges", async (_, problem, options) => {
  const { status, trace } = await blockCoordinateDescent(problem, { ...options, maxIterations: 20_000 });
  expect(status).toBe("converged");
  for (const { decrease, f } of trace) expect(decrease).toBeGreaterThanOrEqual(-1e-12 * (1 + Math.abs(f)));
});

test.each(runs)(
  "%s: a run stopped after 7 iterations resumes bit for bit, through text",
  async (_, problem, options) => {
    const whole = await solve(blockCoordinateIterates(problem, options), { maxIterations: 20 });
    let saved: { iteration: number; state: BlockState } | undefined;
    for await (const { iteration, state } of blockCoordinateIterates(problem, options))
      if (iteration === 7) {
        saved = parseCheckpoint(serializeCheckpoint({ iteration, state })) as typeof saved;
        break;
      }
    const resumed = await solve(blockCoordinateIterates(problem, { ...options, resume: saved }), {
      maxIterations: 20,
    });
    expect(resumed.iterate.state).toStrictEqual(whole.iterate.state);
  },
);

test("seeds give different random blocks, one seed the same", async () => {
  const blocks = async (seed: number) =>
    (
      await blockCoordinateDescent(squares, {
        blockSize: 3,
        select: "random",
        update: "gradient",
        seed,
        maxIterations: 9,
      })
    ).trace.map(({ block }) => [...block]);
  expect(await blocks(1)).toEqual(await blocks(1));
  expect(await blocks(1)).not.toEqual(await blocks(2));
});

describe("worked examples", () => {
  const columns = { rows: 2, columns: 2, values: Float64Array.of(3, 0, 0, 1) };
  const first = async (target: number[], select: BlockCoordinateOptions["select"]) => {
    const { trace } = await blockCoordinateDescent(blockLeastSquares(columns, target), {
      blockSize: 1,
      select,
      update: "gradient",
      maxIterations: 1,
    });
    return [trace[1].block[0], trace[1].decrease];
  };
  test("c = (3, 2): both rules take column 1, decrease 4.5", async () => {
    expect(await first([3, 2], "gs")).toEqual([0, 4.5]);
    expect(await first([3, 2], "gsd")).toEqual([0, 4.5]);
  });
  test("c = (1, 2): GS takes column 1 and 0.5, GSL column 2 and 2", async () => {
    expect(await first([1, 2], "gs")).toEqual([0, 0.5]);
    expect(await first([1, 2], "gsl")).toEqual([1, 2]);
    const fixed = {
      blockSize: 1,
      partition: "order",
      select: "gsl",
      update: "gradient",
      maxIterations: 1,
    } as const;
    const { trace } = await blockCoordinateDescent(blockLeastSquares(columns, [1, 2]), fixed);
    expect([trace[1].block[0], trace[1].decrease]).toEqual([1, 2]);
  });
});

test("one-step dominance: gsq with the matrix update decreases a quadratic most, by g^T H^-1 g / 2", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(1e6), async (seed) => {
      const { A, c } = design(seed, 14, 9);
      const problem = blockLeastSquares(A, c);
      const options = { blockSize: 3, partition: "order", select: "gsq", update: "matrix" } as const;
      const x0 = randomStream(seed).fillNormal(new Float64Array(9));
      const { trace } = await blockCoordinateDescent(problem, { ...options, x0, maxIterations: 1 });
      for (let b = 0; b < 3; b++) {
        // the decrease of another block: cyclic order brings it first when the blocks are turned
        const turned = [0, 1, 2].map((k) => [0, 1, 2].map((p) => 3 * ((k + b) % 3) + p));
        const other = await blockCoordinateDescent(problem, {
          blocks: turned,
          select: "cyclic",
          update: "matrix",
          x0,
          maxIterations: 1,
        });
        expect(trace[1].decrease).toBeGreaterThanOrEqual(other.trace[1].decrease - 1e-10 * trace[0].f);
      }
    }),
    { numRuns: 30 },
  );
});

test("guarantees: the gradient step takes ||g_b||^2 / (2 L_b) off, the matrix step g_b^T H_b^-1 g_b / 2", async () => {
  expect.hasAssertions();
  for (const problem of [squares, logistic, softmax])
    for (const update of ["gradient", "matrix"] as const) {
      let before: { f: number; g: Float64Array } | undefined;
      await blockCoordinateDescent(problem, {
        blockSize: 2,
        select: "random",
        update,
        seed: 4,
        maxIterations: 40,
        onIterate({ value, gradient, block }) {
          if (before) {
            const [i, j] = block;
            const H = new Float64Array(4);
            problem.bound(block, H);
            const [gi, gj] = [before.g[i], before.g[j]];
            const determinant = H[0] * H[3] - H[1] * H[2];
            const top = (H[0] + H[3]) / 2 + Math.hypot((H[0] - H[3]) / 2, H[1]);
            const promised =
              update === "gradient"
                ? (gi * gi + gj * gj) / (2 * top)
                : (gi * gi * H[3] - 2 * gi * gj * H[1] + gj * gj * H[0]) / (2 * determinant);
            expect(before.f - value).toBeGreaterThanOrEqual(promised - 1e-12 * (1 + before.f));
          }
          before = { f: value, g: gradient };
        },
      });
    }
});

describe("penalties", () => {
  test("the nonnegative lasso of scikit-learn (Lasso(positive=True), 0.1 a sample)", async () => {
    // X = [[1,2,0],[0,1,-1],[2,0,1],[1,1,1]], y = [3,0,1,2]: numbers printed by scikit-learn 1.4, tol 1e-14
    const X = { rows: 4, columns: 3, values: Float64Array.of(1, 2, 0, 0, 1, -1, 2, 0, 1, 1, 1, 1) };
    const { x, activeSet } = await blockCoordinateDescent(
      nonnegativeL1(blockLeastSquares(X, [3, 2, 1, -1]), 0.4),
    );
    const expected = [0.06666666666666671, 1.0666666666666664, 0];
    x.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 10);
    });
    expect(activeSet?.support).toEqual(Int32Array.from(expected.keys()).filter((i) => expected[i] !== 0));
    const free = await blockCoordinateDescent(l1(blockLeastSquares(X, [3, 2, 1, -1]), 0.4));
    free.x.forEach((value, i) => {
      expect(value).toBeCloseTo([1.2666666666666668, 0.46666666666666573, -1.8000000000000014][i], 10);
    });
  });

  test("every update rule finds the same optimum, whatever the blocks", async () => {
    for (const problem of [nonnegativeL1(squares, 2), nonnegativeL1(logistic, 1)]) {
      const best = await blockCoordinateDescent(problem, { blockSize: 12, stop: { kkt: 1e-11 } });
      expect(best.status).toBe("converged");
      for (const update of ["prox", "projected-newton", "two-metric"] as const)
        for (const partition of ["variable", "sort"] as const) {
          const { x, activeSet } = await blockCoordinateDescent(problem, {
            blockSize: 4,
            update,
            partition,
            stop: { kkt: 1e-10 },
          });
          x.forEach((value, i) => {
            expect(value).toBeCloseTo(best.x[i], 8);
          });
          expect(activeSet?.support).toEqual(best.activeSet?.support);
          expect(activeSet?.nondegeneracy).toBeCloseTo(best.activeSet?.nondegeneracy ?? 0, 7);
        }
    }
  });

  test("a block that holds the support ends a quadratic in one more step", async () => {
    const { iterations, activeSet, trace } = await blockCoordinateDescent(nonnegativeL1(squares, 2), {
      blockSize: 12,
    });
    expect(iterations).toBeLessThanOrEqual(2);
    expect(activeSet?.identifiedAt).toBeLessThanOrEqual(iterations);
    expect(trace).toHaveLength(iterations + 1);
  });
});

test("a column of zeros is never selected, and its coordinate stays", async () => {
  const values = A.values.map((v, k) => (k % 12 === 5 ? 0 : v));
  const problem = blockLeastSquares({ ...A, values }, c);
  const x0 = new Float64Array(12).fill(0.25);
  for (const select of ["random", "cyclic", "lipschitz", "gs", "gsd", "gsl", "iht"] as const)
    for (const update of ["gradient", "matrix"] as const) {
      const { x, trace } = await blockCoordinateDescent(problem, {
        blockSize: 12,
        select,
        update,
        x0,
        maxIterations: 5,
      });
      expect(x[5]).toBe(0.25);
      for (const { block } of trace) expect(block).not.toContain(5);
    }
});

test("criteria: gap, step, default; and a limit that is no error", async () => {
  const optimum = await blockCoordinateDescent(squares, { blockSize: 12 });
  const gap = await blockCoordinateDescent(squares, {
    blockSize: 2,
    stop: { gap: 1e-3, fStar: optimum.value },
  });
  expect(gap.value - optimum.value).toBeLessThanOrEqual(1e-3);
  expect(gap.trace[gap.iterations - 1].f - optimum.value).toBeGreaterThan(1e-3);
  const step = await blockCoordinateDescent(squares, { blockSize: 2, stop: { step: 1e-6 } });
  expect(step.status).toBe("converged");
  const short = await blockCoordinateDescent(squares, { blockSize: 1, maxIterations: 2 });
  expect([short.status, short.iterations]).toEqual(["max-iterations", 2]);
});

test("options that do not fit are refused, with what was wanted", async () => {
  const run =
    (options: BlockCoordinateOptions, problem = squares) =>
    () =>
      blockCoordinateIterates(problem, options);
  expect(run({ blockSize: 0 })).toThrow("blockSize must be an integer from 1 to 12, got 0");
  expect(run({ blockSize: 13 })).toThrow("blockSize must be an integer from 1 to 12, got 13");
  expect(
    run({
      blocks: [
        [0, 1],
        [1, 2],
      ],
    }),
  ).toThrow("blocks repeat coordinate 1: in blocks 0 and 1");
  expect(run({ blocks: [[0, 1, 2]] })).toThrow("blocks must cover every coordinate; 3 is in none");
  expect(run({ blocks: [[]] })).toThrow("blocks[0] must have at least one coordinate");
  expect(run({ blocks: [[0]], blockSize: 1 })).toThrow("blocks replaces blockSize and partition");
  expect(run({ select: "gsq" })).toThrow("NP-hard");
  expect(run({ select: "iht", partition: "sort" })).toThrow('needs partition "variable"');
  expect(run({ select: "forest" })).toThrow("needs a sparse quadratic");
  expect(run({ select: "forest", update: "gradient" }, grid)).toThrow('forest blocks need update "exact"');
  expect(run({ update: "prox" })).toThrow("needs a penalty");
  expect(run({ update: "exact" }, logistic)).toThrow("needs a quadratic problem");
  expect(run({ update: "matrix" }, nonnegativeL1(squares))).toThrow("is for smooth problems");
  expect(run({ select: "gs" }, nonnegativeL1(squares))).toThrow('select "gs" is for smooth problems');
  expect(run({ update: "two-metric" }, l1(squares, 1))).toThrow("needs nonnegativity");
  expect(run({ x0: [1] })).toThrow("x0 must have 12 numbers, got 1");
  expect(run({ x0: new Float64Array(12).fill(Number.NaN, 4) })).toThrow("x0[4] must be finite, got NaN");
  expect(run({ x0: new Float64Array(12).fill(-1) }, nonnegativeL1(squares))).toThrow("x0[0] must be >= 0");
  expect(run({ relaxation: 0 })).toThrow("relaxation must be in (0, 1], got 0");
  expect(() => nonnegativeL1(squares, -1)).toThrow("lambda must be a non-negative number, got -1");
  expect(() => l1(nonnegativeL1(squares), 1)).toThrow("already has the penalty");
  await expect(blockCoordinateDescent(squares, { stop: { gap: 1 } })).rejects.toThrow(
    "needs a finite stop.fStar",
  );
  await expect(blockCoordinateDescent(squares, { stop: { kkt: -1 } })).rejects.toThrow(
    "stop.kkt must be a non-negative number",
  );
  await expect(
    blockCoordinateDescent(squares, { signal: AbortSignal.abort(new Error("closed")) }),
  ).rejects.toThrow("closed");
  const zero = blockLeastSquares(csrFromDense(denseMatrix(new Float64Array(4), 2, 2)), [1, 1]);
  expect(run({ blockSize: 1 }, zero)).toThrow("every L_i is 0");
});

test("without a size, blocks grow with the root of the dimension where there is a penalty and no quadratic", async () => {
  const wide = design(9, 30, 400);
  const labels = wide.c.map((v) => (v > 0 ? 1 : -1));
  const sizeOf = async (problem: BlockProblem) => {
    for await (const { block } of blockCoordinateIterates(problem)) if (block.length > 0) return block.length;
    return 0;
  };
  const columns = (count: number) =>
    denseMatrix(randomStream(3).fillNormal(new Float64Array(30 * count)), 30, count);
  expect(await sizeOf(l1(blockLogistic(wide.A, labels), 0.5))).toBe(50);
  expect(await sizeOf(l1(blockLogistic(columns(100), labels), 0.5))).toBe(25);
  expect(await sizeOf(l1(blockLogistic(columns(40), labels), 0.5))).toBe(40);
  expect(await sizeOf(blockLogistic(columns(100), labels))).toBe(50);
});
