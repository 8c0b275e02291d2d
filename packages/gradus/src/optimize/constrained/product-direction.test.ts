import { describe, expect, test } from "vitest";
import { ArgumentError } from "../../check/errors.ts";
import { parseCheckpoint, serializeCheckpoint } from "../../iterate/checkpoint.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { logisticRegression } from "../../objectives/logistic-regression.ts";
import { randomStream } from "../../random/stream.ts";
import { adaSketchNewton } from "./ada-sketch-newton.ts";
import { affineConstraints, sphereConstraint, subjectTo } from "./constraint-functions.ts";
import type { ConstrainedState } from "./contract.ts";
import { exactAugmentedLagrangian } from "./exact-augmented-lagrangian.ts";
import { minimizeEquality } from "./minimize-equality.ts";
import { type EqualityProblem, pointAt } from "./problem.ts";
import { productDirection, productsOfHessian } from "./product-direction.ts";

const stream = randomStream(7);
const normal = (length: number, scale = 1) =>
  stream.fillNormal(new Float64Array(length)).map((value) => scale * value);
const noCounts = () => ({ objective: 0, constraints: 0, gradient: 0, jacobian: 0, hessian: 0 });

/** Labels of a noisy linear model, two planes and a sphere. */
function logisticProblem(rows: number, n: number): EqualityProblem {
  const design = { rows, columns: n, values: normal(rows * n) };
  const truth = normal(n);
  const labels = Float64Array.from({ length: rows }, (_, i) => {
    let score = 0;
    for (let j = 0; j < n; j++) score += design.values[i * n + j] * truth[j];
    return score + normal(1)[0] > 0 ? 1 : -1;
  });
  const planes = affineConstraints(denseMatrix(normal(2 * n), 2, n), normal(2, 0.1));
  return subjectTo(logisticRegression(design, labels), planes, sphereConstraint(n));
}

async function matrixAt(problem: EqualityProblem, x: Float64Array, lambda: Float64Array) {
  const H = await problem.hessianLagrangian?.(x, lambda);
  if (!H) throw new Error("no Hessian");
  return H.values;
}

const options = () => ({
  shift: 0.3,
  floor: 1e-6,
  threshold: 1e-9,
  mostProducts: 60,
  pause: () => undefined,
  counts: noCounts(),
});
const penalties = { eta1: 1, eta2: 0.1 };

describe("a direction by products", () => {
  const n = 30;
  const problem = logisticProblem(200, n);
  const x = normal(n, 0.3);
  const lambda = Float64Array.of(0.1, -0.2, 0.4);
  const earlier = () => matrixAt(problem, normal(n, 0.3), Float64Array.of(0.3, 0, 0.2));

  test("solves the Newton system, with the merit function's slope", async () => {
    const point = await pointAt(problem, x, lambda, noCounts(), 0);
    const given = options();
    const found = await productDirection(problem, point, await earlier(), penalties, given);
    if (!found) throw new Error("none found");
    const H = await matrixAt(problem, x, lambda);
    const { jacobian: G, lagrangianGradient, constraints } = point;
    // K dz + grad L by plain loops
    let square = 0;
    for (let i = 0; i < n; i++) {
      let sum = lagrangianGradient[i] + 0.3 * found.step[i];
      for (let j = 0; j < n; j++) sum += H[i * n + j] * found.step[j];
      for (let k = 0; k < 3; k++) sum += G[k * n + i] * found.step[n + k];
      square += sum * sum;
    }
    for (let k = 0; k < 3; k++) {
      let sum = constraints[k];
      for (let j = 0; j < n; j++) sum += G[k * n + j] * found.step[j];
      square += sum * sum;
    }
    expect(Math.sqrt(square)).toBeLessThan(2e-9);
    expect(found.residualNorm).toBeLessThan(1e-9);
    expect(found.steps).toBeLessThan(n);
    expect(given.counts.hessian).toBeCloseTo(found.steps / n, 12);

    const h = 1e-5;
    const merit = async (t: number) =>
      (
        await exactAugmentedLagrangian(
          problem,
          x.map((value, j) => value + t * found.step[j]),
          lambda.map((value, k) => value + t * found.step[n + k]),
          penalties,
        )
      ).value;
    const quotient = ((await merit(h)) - (await merit(-h))) / (2 * h);
    expect(Math.abs(quotient - found.slope)).toBeLessThan(1e-6 * Math.abs(found.slope));
  });

  test("needs the Hessian after too many products, or with too little curvature", async () => {
    const point = await pointAt(problem, x, lambda, noCounts(), 0);
    const H = await earlier();
    const few = options();
    expect(await productDirection(problem, point, H, penalties, { ...few, mostProducts: 2 })).toBeUndefined();
    expect(few.counts.hessian).toBeCloseTo(2 / n, 12);
    const concave = { ...options(), shift: -20 };
    expect(await productDirection(problem, point, H, penalties, concave)).toBeUndefined();
    const steep = { ...options(), floor: 1e3 };
    expect(await productDirection(problem, point, H, penalties, steep)).toBeUndefined();
    const zeros = new Float64Array(n * n);
    expect(
      await productDirection(problem, point, zeros, penalties, { ...options(), shift: 0 }),
    ).toBeUndefined();
  });

  test("is tried where the Hessian costs as much as eight products", () => {
    const products = (rows: number, columns: number) =>
      productsOfHessian({
        ...problem,
        dimension: columns,
        hessianFlops: { matrix: rows * columns ** 2, product: 4 * rows * columns },
      });
    expect(products(10_000, 200)).toBeGreaterThanOrEqual(8);
    expect(products(10_000, 50)).toBe(0);
    expect(products(300, 200)).toBe(0);
    expect(productsOfHessian({ ...problem, hessianFlops: undefined })).toBe(0);
  });
});

describe("steps by products", () => {
  const [rows, n] = [1500, 160];
  const problem = logisticProblem(rows, n);
  const start = new Float64Array(n).fill(0.2);
  const tight = { tolerance: 1e-8 };

  test("reach the solution of exact solves with a part of the Hessians", async () => {
    const { hessianFlops: _, ...unknown } = problem;
    const exact = await minimizeEquality(unknown, start, tight);
    const run = await minimizeEquality(problem, start, tight);
    expect([exact.status, run.status]).toEqual(["converged", "converged"]);
    for (let j = 0; j < n; j++) expect(Math.abs(run.x[j] - exact.x[j])).toBeLessThan(1e-6);
    expect(run.value).toBeCloseTo(exact.value, 9);
    expect(Math.abs(run.iterations - exact.iterations)).toBeLessThanOrEqual(1);
    expect(exact.counts.hessian).toBe(exact.iterations);
    expect(run.counts.hessian).toBeLessThan(exact.counts.hessian / 2);
    for (const step of run.history) expect(step.descent).toBe(true);
  });

  test("go on from every iterate, bit for bit", async () => {
    const whole: { iteration: number; state: ConstrainedState }[] = [];
    for await (const { iteration, state } of adaSketchNewton(problem, start, tight))
      whole.push({ iteration, state });
    expect(whole.some(({ state }) => state.last && state.last.innerSteps > 1)).toBe(true);
    const last = whole[whole.length - 1].state;
    for (const checkpoint of whole.slice(1, -1)) {
      let end: ConstrainedState | undefined;
      const state = parseCheckpoint(serializeCheckpoint(checkpoint.state)) as ConstrainedState;
      const resume = { iteration: checkpoint.iteration, state };
      for await (const iterate of adaSketchNewton(problem, start, { ...tight, resume })) end = iterate.state;
      expect(end?.point).toEqual(last.point);
      expect(end?.counts).toEqual(last.counts);
    }
  });

  test("keep of the last Hessian only where it was formed, and check that on resuming", async () => {
    const whole: { iteration: number; state: ConstrainedState }[] = [];
    for await (const { iteration, state } of adaSketchNewton(problem, start, tight))
      whole.push({ iteration, state });
    const places = whole.slice(1).map(({ state }) => state.hessianPlace);
    // the first step forms it at the start; those by products keep its place
    expect(places[0]?.x).toEqual(start);
    expect(new Set(places).size).toBeLessThan(places.length);
    // the point, its Jacobian, gradients and the place: far from the n^2 = 25,600 numbers of a matrix
    expect(serializeCheckpoint(whole[2].state).length).toBeLessThan(22 * n * 10);
    const { iteration, state } = whole[2];
    const spoilt = { ...state, hessianPlace: { x: start.subarray(1), lambda: new Float64Array(3) } };
    const run = adaSketchNewton(problem, start, { ...tight, resume: { iteration, state: spoilt } });
    await expect(run.next()).rejects.toThrow("resume.state.hessianPlace.x must be of length 160");
  });

  test("a schedule of one's own gets the iteration and its KKT residual", async () => {
    const seen: [number, number][] = [];
    const residuals: number[] = [];
    const theta = (iteration: number, kkt: number) => {
      seen.push([iteration, kkt]);
      return Math.min(1, kkt);
    };
    for await (const { kkt } of adaSketchNewton(problem, start, { ...tight, theta })) residuals.push(kkt);
    expect(seen.length).toBeGreaterThanOrEqual(residuals.length - 1);
    for (const [iteration, kkt] of seen) expect(kkt).toBe(residuals[iteration]);
  });

  test("are not made with the theoretical rule", async () => {
    const run = await minimizeEquality(problem, start, { accuracy: "theory", maxIterations: 3 });
    expect(run.counts.hessian).toBe(run.iterations);
  });

  test("data without entries, whose Hessian costs nothing, are minimized as well", async () => {
    const empty = {
      rowPointers: new Int32Array(4),
      columnIndices: new Int32Array(),
      values: new Float64Array(),
    };
    const loss = logisticRegression({ rows: 3, columns: 2, ...empty }, Float64Array.of(1, -1, 1));
    const { status, x, value } = await minimizeEquality(
      subjectTo(loss, sphereConstraint(2)),
      Float64Array.of(3, 4),
    );
    expect(status).toBe("converged");
    expect(Math.hypot(...x)).toBeCloseTo(1, 3);
    expect(value).toBeCloseTo(Math.log(2), 12);
  });

  test("counts of operations that are none are refused", async () => {
    const wrong = { ...problem, hessianFlops: { matrix: Number.NaN, product: 1 } };
    await expect(minimizeEquality(wrong, start)).rejects.toThrow(ArgumentError);
    await expect(minimizeEquality(wrong, start)).rejects.toThrow("hessianFlops.matrix must be");
  });
});
