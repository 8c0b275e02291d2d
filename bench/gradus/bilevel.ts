import { add, array, cos, matmul, mul, sin, square, sub, sum, type Tensor } from "@gradus/graph";
import { denseMatrix, multiply, multiplyTransposed } from "gradus/linalg";
import {
  type BilevelProblem,
  type BilevelStart,
  bilevelFromGraph,
  exampleWeights,
  minimizeBilevel,
} from "gradus/optimize/bilevel";
import { bilevelSizes } from "../bilevel-sizes.ts";
import type { Runner } from "../worker.ts";
import { fraction } from "./fraction.ts";

const { dx, dy, rows, sigma, tolerance, innerSteps, stepSize } = bilevelSizes.regular;

const numbers = (length: number, scale: number, k: number) =>
  Float64Array.from({ length }, (_, i) => scale * Math.sqrt(12) * (fraction(i + 1, k) - 0.5));
const A = Float64Array.from({ length: rows * dy }, (_, at) => {
  const [k, j] = [Math.floor(at / dy), at % dy];
  const size = 1.2 - (0.4 * k) / (rows - 1);
  return size * Math.sqrt(2 / dy) * Math.cos((Math.PI * (j + 0.5) * (k + 1)) / dy);
});
const B = numbers(rows * dx, 1 / Math.sqrt(dx), 1);
const c = numbers(rows, 1, 2);
const e = numbers(dx, 2, 3);
const innerStepSize = 1 / (2.25 * 1.44 + 0.6);

function byHand(): BilevelProblem {
  const [a, b] = [denseMatrix(A, rows, dy), denseMatrix(B, rows, dx)];
  const [t, bx, r] = [new Float64Array(rows), new Float64Array(rows), new Float64Array(rows)];
  function bend(x: Float64Array, y: Float64Array): void {
    multiply(a, y, t);
    multiply(b, x, bx);
    for (let i = 0; i < rows; i++) r[i] = t[i] + Math.sin(t[i]) / 2 - bx[i];
  }
  function gap(y: Float64Array): Float64Array {
    multiply(a, y, t);
    for (let i = 0; i < rows; i++) t[i] -= c[i];
    return t;
  }
  const half = (v: Float64Array) => v.reduce((total, value) => total + (value * value) / 2, 0);
  return {
    dimensionX: dx,
    dimensionY: dy,
    upper: {
      value: (x, y) =>
        half(gap(y)) + half(x.map((v, j) => v - e[j])) + x.reduce((total, v) => total + Math.cos(v) / 2, 0),
      gradientX(x, _, out) {
        for (let j = 0; j < dx; j++) out[j] = x[j] - e[j] - Math.sin(x[j]) / 2;
        return out;
      },
      gradientY: (_, y, out) => multiplyTransposed(a, gap(y), out),
    },
    lower: {
      value(x, y) {
        bend(x, y);
        return half(r);
      },
      gradientX(x, y, out) {
        bend(x, y);
        multiplyTransposed(b, r, out);
        for (let j = 0; j < dx; j++) out[j] = -out[j];
        return out;
      },
      gradientY(x, y, out) {
        bend(x, y);
        for (let i = 0; i < rows; i++) r[i] *= 1 + Math.cos(t[i]) / 2;
        return multiplyTransposed(a, r, out);
      },
    },
  };
}

type Data = { readonly A: Tensor; readonly B: Tensor; readonly c: Tensor; readonly e: Tensor };

function traced(threads: number) {
  return bilevelFromGraph({
    upper: (x: Tensor, y: Tensor, data: Data) =>
      add(
        mul(0.5, sum(square(sub(matmul(data.A, y), data.c)))),
        mul(0.5, add(sum(square(sub(x, data.e))), sum(cos(x)))),
      ),
    lower: (x: Tensor, y: Tensor, data: Data) => {
      const t = matmul(data.A, y);
      return mul(0.5, sum(square(sub(add(t, mul(0.5, sin(t))), matmul(data.B, x)))));
    },
    x: array(new Float64Array(dx)),
    y: array(new Float64Array(dy)),
    data: { A: array(A, [rows, dy]), B: array(B, [rows, dx]), c: array(c), e: array(e) },
    threads,
  });
}

function solution(problem: BilevelProblem): Runner {
  const start: BilevelStart = { x0: new Float64Array(dx), y0: new Float64Array(dy) };
  const options = { sigma, stepSize, innerStepSize, innerSteps, tolerance };
  let steps = 0;
  async function call() {
    const found = await minimizeBilevel(problem, start, options);
    if (found.status !== "converged") throw new Error(found.message);
    steps = found.iterations;
    return found.x;
  }
  return {
    reset() {},
    call,
    unitsPerCall: 1,
    check: async () => [...(await call())],
    iterations: () => steps,
  };
}

/** The regular problem, with gradients written out. */
export const regularByHand = (): Runner => solution(byHand());

/** The same, from traced losses. */
export const regularTraced = (threads: number): Runner => solution(traced(threads));

/** Weights of examples whose labels are wrong every other time. */
export function cleaning(): Runner {
  const { train, validation, features, classes, steps, ridge, ...options } = bilevelSizes.cleaning;
  const part = (first: number, count: number, wrong: (i: number) => boolean) => {
    const values = new Float64Array(count * features);
    const y = new Int32Array(count);
    for (let i = 0; i < count; i++) {
      y[i] = (first + i) % classes;
      for (let k = 0; k < features; k++)
        values[i * features + k] = fraction(first + i, k + 1) / 2 + (k % classes === y[i] ? 0.5 : 0);
      if (wrong(i)) y[i] = (y[i] + 1 + (i % (classes - 1))) % classes;
    }
    return { x: { rows: count, columns: features, values }, y };
  };
  const { problem, start } = exampleWeights({
    train: part(0, train, (i) => i % 2 === 0),
    validation: part(train, validation, () => false),
    classes,
    ridge,
  });
  const run = () => minimizeBilevel(problem, start, { ...options, innerStepSize: 1, maxIterations: steps });
  return {
    reset() {},
    call: run,
    unitsPerCall: steps,
    async check() {
      const { x, z } = await run();
      return [Math.hypot(...x), x[0], x[1], Math.hypot(...z)];
    },
  };
}
