import type { GridOperator } from "gradus/linalg/grids";
import type { DirectionSource } from "gradus/operators";
import { type ExperimentRun, matrix, points } from "../experiment.ts";
import { learnedFor, NETWORK, solverFor } from "./solvers.ts";

/** Least part of the largest residual that a picture tells apart. */
const FLOOR = 1e-6;

/**
 * log10(|b - A x| / max |b|) cell by cell of a square, or of the middle layer of a cube across its slowest axis: at least
 * -6; NaN in solid cells.
 */
export function residualField(A: GridOperator, b: Float64Array, x: Float64Array): Float64Array {
  const r = new Float64Array(A.cells);
  A.apply(x, r);
  const largest = b.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const N = A.shape[0];
  const from = A.shape.length === 3 ? (N >> 1) * N * N : 0;
  return Float64Array.from({ length: N * N }, (_, i) => {
    const k = from + i;
    return A.active[k] === 0 ? Number.NaN : Math.log10(Math.max(FLOOR, Math.abs(b[k] - r[k]) / largest));
  });
}

/** Draws the residual of both solvers, iteration by iteration, side by side. */
export async function* drawResiduals(
  A: GridOperator,
  b: Float64Array,
  source: DirectionSource,
): ExperimentRun<void> {
  const cells = Array.from({ length: A.shape[0] }, (_, i) => String(i + 1));
  const runs = [
    { name: NETWORK, method: learnedFor(source, A, b) },
    { name: "CG", method: solverFor("CG", A, b) },
  ];
  const first = new Map<string, number>();
  for (let going = runs; going.length > 0; ) {
    const left: typeof runs = [];
    for (const run of going) {
      const next = await run.method.next();
      if (next.done) continue;
      const { iteration, residualNorm, x, done } = next.value;
      const start = first.get(run.name) ?? residualNorm;
      first.set(run.name, start);
      yield points("residual", run.name, [{ x: iteration, y: residualNorm / start }]);
      if (iteration <= 20 || iteration % 4 === 0 || done)
        yield matrix("field", run.name, { rows: cells, columns: cells, values: residualField(A, b, x) });
      left.push(run);
    }
    going = left;
  }
}
