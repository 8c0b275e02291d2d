import type { GridOperator } from "gradus/linalg/grids";

/** Least part of the largest residual that a picture tells apart. */
const FLOOR = 1e-6;

/** log10(|b - A x| / max |b|) cell by cell, at least -6; NaN in solid cells. */
export function residualField(A: GridOperator, b: Float64Array, x: Float64Array): Float64Array {
  const r = new Float64Array(A.cells);
  A.apply(x, r);
  const largest = b.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return r.map((value, k) =>
    A.active[k] === 0 ? Number.NaN : Math.log10(Math.max(FLOOR, Math.abs(b[k] - value) / largest)),
  );
}
