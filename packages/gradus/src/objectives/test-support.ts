import { expect } from "vitest";
import type { Objective } from "./objective.ts";

/** For tests: the objective's derivatives against central differences of what is below them. */
export async function expectDerivatives(
  objective: Objective,
  x: Float64Array,
  { step = 1e-5, tolerance = 1e-7 }: { step?: number; tolerance?: number } = {},
): Promise<void> {
  const n = objective.dimension;
  const at = (j: number, shift: number): Float64Array => {
    const moved = x.slice();
    moved[j] += shift;
    return moved;
  };
  const gradient = await objective.gradient(x);
  const both = await objective.valueAndGradient(x);
  expect(both.value).toBe(await objective.value(x));
  expect(both.gradient).toEqual(gradient);
  const size = 1 + Math.max(Math.abs(both.value), ...gradient.map(Math.abs));
  for (let j = 0; j < n; j++) {
    const slope = ((await objective.value(at(j, step))) - (await objective.value(at(j, -step)))) / (2 * step);
    expect(
      Math.abs(gradient[j] - slope),
      `gradient[${j}] = ${gradient[j]}, by differences ${slope}`,
    ).toBeLessThan(tolerance * size);
  }
  const hessian = (await objective.hessian?.(x))?.values;
  for (let j = 0; j < n; j++) {
    const unit = new Float64Array(n);
    unit[j] = 1;
    const product = await objective.hessianVectorProduct?.(x, unit);
    const above = await objective.gradient(at(j, step));
    const below = await objective.gradient(at(j, -step));
    const scale = 1 + size + Math.max(...above.map(Math.abs));
    for (let k = 0; k < n; k++) {
      const curvature = (above[k] - below[k]) / (2 * step);
      const where = `row ${k}, column ${j}, by differences ${curvature}`;
      if (hessian) expect(Math.abs(hessian[k * n + j] - curvature), where).toBeLessThan(tolerance * scale);
      if (product) expect(Math.abs(product[k] - curvature), where).toBeLessThan(tolerance * scale);
      if (hessian) expect(hessian[k * n + j]).toBeCloseTo(hessian[j * n + k], 10);
    }
  }
}

/** v^T M v. */
export function quadraticForm(M: Float64Array, v: Float64Array): number {
  const n = v.length;
  let sum = 0;
  for (let j = 0; j < n; j++) for (let k = 0; k < n; k++) sum += v[j] * M[j * n + k] * v[k];
  return sum;
}

/** The largest difference of two arrays. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]));
  return largest;
}
