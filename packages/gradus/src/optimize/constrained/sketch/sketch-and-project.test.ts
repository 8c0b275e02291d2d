import { describe, expect, test } from "vitest";
import { ArgumentError, DataError } from "../../../check/errors.ts";
import { parseCheckpoint, serializeCheckpoint } from "../../../iterate/checkpoint.ts";
import { solve } from "../../../iterate/iterate.ts";
import { denseMultiply } from "../../../linalg/dense.ts";
import { singularValues } from "../../../linalg/factorize/singular-values.ts";
import { denseMatrix } from "../../../linalg/matrix.ts";
import { csrFromDense } from "../../../linalg/sparse/build.ts";
import { randomStream } from "../../../random/stream.ts";
import type { SketchKind } from "./contract.ts";
import { equilibrate } from "./equilibrate.ts";
import { type SketchAndProjectState, sketchAndProject } from "./sketch-and-project.ts";
import { makeProjector, sketchKinds } from "./solver.ts";

const rows = 12;
const columns = 8;
const stream = randomStream(9);
const values = stream.fillNormal(new Float64Array(rows * columns));
values.fill(0, 3 * columns, 4 * columns); // a row of zeros
const solution = stream.fillNormal(new Float64Array(columns));
const b = denseMultiply(values, rows, columns, solution);
const A = { rows, columns, values };
const distance = (x: Float64Array, y: Float64Array) => Math.hypot(...x.map((value, i) => value - y[i]));

describe.each(sketchKinds)("%s", (sketch) => {
  test("solves a consistent system with more equations than unknowns and a row of zeros", async () => {
    const { iterate, status } = await solve(
      sketchAndProject(A, b, { sketch, seed: 1, relativeTolerance: 1e-10 }),
    );
    expect(status).toBe("converged");
    expect(iterate.outcome).toBe("converged");
    expect(distance(iterate.x, solution)).toBeLessThan(1e-8);
    const residual = denseMultiply(values, rows, columns, iterate.x);
    expect(iterate.residualNorm).toBeCloseTo(distance(residual, b), 12);
  });

  test("by compressed rows it walks the same path", async () => {
    const last = async (matrix: Parameters<typeof sketchAndProject>[0]) =>
      (await solve(sketchAndProject(matrix, b, { sketch, seed: 2 }), { maxIterations: 3 })).iterate.x;
    expect(
      distance(await last(A), await last(csrFromDense(denseMatrix(values, rows, columns)))),
    ).toBeLessThan(1e-10);
  });

  test("never moves away from the solution", async () => {
    expect.hasAssertions();
    let before = Number.POSITIVE_INFINITY;
    for await (const { x, iteration } of sketchAndProject(A, b, {
      sketch,
      seed: 3,
      relativeTolerance: 1e-8,
    })) {
      const now = distance(x, solution);
      expect(now).toBeLessThanOrEqual(before * (1 + 1e-12));
      before = now;
      if (iteration === 20) break;
    }
  });

  test("lands on the sketched equations: another step on the same ones moves nothing", () => {
    const size = sketch === "block" || sketch === "block-gaussian" ? 3 : 1;
    const z = new Float64Array(columns);
    makeProjector(A, b, randomStream(5), sketch, size).advance(z, 1);
    const once = z.slice();
    makeProjector(A, b, randomStream(5), sketch, size).advance(z, 1);
    expect(distance(z, once)).toBeLessThan(1e-12);
  });

  test("resumes bit for bit from a checkpoint", async () => {
    expect.hasAssertions();
    const path = async (resume?: { iteration: number; state: SketchAndProjectState }) => {
      const seen = [];
      for await (const iterate of sketchAndProject(A, b, { sketch, seed: 7, resume })) {
        const { x, state, steps, flops, storage, residualNorm } = iterate;
        seen.push({ x, state, steps, flops, storage, residualNorm });
        if (iterate.iteration === 6) break;
      }
      return seen;
    };
    const whole = await path();
    for (const from of [0, 1, 2]) {
      const state = parseCheckpoint(serializeCheckpoint(whole[from].state)) as SketchAndProjectState;
      const rest = await path({ iteration: from, state });
      expect(rest).toEqual(whole.slice(from));
    }
  });
});

test("a block of as many equations as unknowns is an exact solve", async () => {
  const square = { rows: columns, columns, values: values.slice(4 * columns) };
  const { iterate } = await solve(
    sketchAndProject(square, b.slice(4), { sketch: "block", sketchSize: columns, relativeTolerance: 1e-12 }),
  );
  expect(iterate.steps).toBe(1);
  expect(distance(iterate.x, solution)).toBeLessThan(1e-11);
});

test("dependent equations in a block say nothing new", async () => {
  const twice = Float64Array.of(1, 2, 2, 4, 1, -1);
  const { iterate } = await solve(
    sketchAndProject({ rows: 3, columns: 2, values: twice }, Float64Array.of(3, 6, 0), {
      sketch: "block",
      sketchSize: 3,
    }),
  );
  expect(distance(iterate.x, Float64Array.of(1, 1))).toBeLessThan(1e-12);
});

test("norm-weighted rows converge at the rate 1 - sigma_min^2 / ||A||_F^2 or faster on average", async () => {
  const s = singularValues(denseMatrix(values, rows, columns));
  const frobenius = s.reduce((sum, value) => sum + value * value, 0);
  const rate = 1 - s[s.length - 1] ** 2 / frobenius;
  const runs = 200;
  const sweeps = 6;
  let mean = 0;
  for (let seed = 0; seed < runs; seed++) {
    const { iterate } = await solve(
      sketchAndProject(A, b, {
        sketch: "kaczmarz-weighted",
        seed,
        relativeTolerance: 0,
        maxSteps: sweeps * (rows - 1),
      }),
    );
    mean += distance(iterate.x, solution) ** 2 / runs;
    expect(iterate.steps).toBe(sweeps * (rows - 1));
  }
  const first = solution.reduce((sum, value) => sum + value * value, 0);
  expect(mean).toBeLessThanOrEqual(first * rate ** (sweeps * (rows - 1)));
});

test("uniform rows walk as weighted rows of the system with rows of length 1 do: scaling rows changes nothing", () => {
  const scaled = values.map((value, k) => value * (1 + Math.floor(k / columns)));
  const target = b.map((value, i) => value * (1 + i));
  const [x, y] = [new Float64Array(columns), new Float64Array(columns)];
  makeProjector(A, b, randomStream(1), "kaczmarz", 1).advance(x, 100);
  makeProjector({ rows, columns, values: scaled }, target, randomStream(1), "kaczmarz", 1).advance(y, 100);
  expect(distance(x, y)).toBeLessThan(1e-12);
});

test("a Kaczmarz step costs 4 columns flops and keeps less than 4 numbers a row", () => {
  const full = { rows: 100, columns: 100, values: new Float64Array(10_000).fill(1) };
  const projector = makeProjector(full, new Float64Array(100), randomStream(1), "kaczmarz", 1);
  expect(projector.flopsPerStep).toBe(400);
  expect(projector.storage).toBeLessThanOrEqual(300);
});

describe("equilibrate", () => {
  test("gives rows and columns of length 1 and keeps symmetry and pattern", () => {
    const n = 6;
    const K = new Float64Array(n * n);
    for (let i = 0; i < n; i++)
      for (let j = 0; j <= i; j++) {
        const value = (i + j) % 3 === 0 && i !== j ? 0 : stream.normal() * 10 ** (i + j - 6);
        K[i * n + j] = value;
        K[j * n + i] = value;
      }
    for (const given of [{ rows: n, columns: n, values: K }, csrFromDense(denseMatrix(K, n, n))]) {
      const { A: D, scale } = equilibrate(given);
      const dense = D.values.length === n * n ? D.values : undefined;
      if (!dense) expect(D.values).toHaveLength(given.values.length);
      for (let i = 0; dense && i < n; i++) {
        expect(Math.hypot(...dense.subarray(i * n, (i + 1) * n))).toBeCloseTo(1, 1);
        for (let j = 0; j < n; j++)
          expect(dense[i * n + j]).toBeCloseTo(scale[i] * K[i * n + j] * scale[j], 12);
      }
    }
  });
});

describe("bad input", () => {
  const run = (options: object, matrix = A, target = b) => sketchAndProject(matrix, target, options);
  test.each<[object, string]>([
    [{ sketch: "columns" as SketchKind }, 'sketch must be "kaczmarz", "kaczmarz-weighted"'],
    [{ sketch: "block", sketchSize: 13 }, "sketchSize must be an integer from 1 to 12, got 13"],
    [{ sketchSize: 2 }, "sketchSize applies to block sketches only, got 2 with kaczmarz"],
    [{ maxSteps: 0 }, "maxSteps must be a number of at least 1, got 0"],
    [{ x0: new Float64Array(3) }, "x0 must have 8 numbers, got 3"],
    [{ relativeTolerance: -1 }, "relativeTolerance must be a non-negative number or Infinity, got -1"],
  ])("%o is refused", (options, message) => {
    expect(() => run(options)).toThrow(ArgumentError);
    expect(() => run(options)).toThrow(message);
  });

  test("numbers that are not finite and sizes that do not fit", () => {
    const broken = values.slice();
    broken[5] = Number.NaN;
    expect(() => run({}, { rows, columns, values: broken })).toThrow(DataError);
    expect(() =>
      run(
        {},
        A,
        b.map(() => Number.NaN),
      ),
    ).toThrow(DataError);
    expect(() => run({}, { rows, columns: 7, values })).toThrow("12 x 7 numbers, got 96");
    expect(() => run({}, A, b.slice(1))).toThrow("b must have 12 numbers, got 11");
  });

  test("a matrix of zeros ends at the limit of steps", async () => {
    const zero = { rows: 2, columns: 2, values: new Float64Array(4) };
    const { iterate } = await solve(sketchAndProject(zero, Float64Array.of(1, 1), { maxSteps: 10 }));
    expect(iterate.outcome).toBe("max-steps");
    expect(iterate.x).toEqual(new Float64Array(2));
  });
});
