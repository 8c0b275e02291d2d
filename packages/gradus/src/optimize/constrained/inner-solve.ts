import { denseMultiply } from "../../linalg/dense.ts";
import { luFactorize, luSolve } from "../../linalg/factorize/lu.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { csrFromDense } from "../../linalg/sparse/build.ts";
import { norm2 } from "../../linalg/vector.ts";
import type { RandomStream } from "../../random/stream.ts";
import type { SketchKind, SketchMaker, SystemMatrix } from "./sketch/contract.ts";
import { equilibrate } from "./sketch/equilibrate.ts";
import { checkSketch, makeProjector, sketchRun } from "./sketch/solver.ts";

/** A linear system K z = b whose solution is improved on demand. */
export interface InnerSolve {
  /** The solution so far. */
  solution(): Float64Array;
  readonly residualNorm: number;
  readonly steps: number;
  readonly flops: number;
  /** Continues until ||K z - b|| <= threshold or that many more steps were made. */
  improve(threshold: number, most: number, pause: () => Promise<void> | undefined): Promise<void>;
}

/** Below this share of entries a step by compressed rows is the cheaper one. */
const SPARSE = 0.25;

function exactSolve(K: Float64Array, b: Float64Array): InnerSolve {
  const order = b.length;
  let z = new Float64Array(order);
  const solve = {
    residualNorm: norm2(b),
    steps: 0,
    flops: 0,
    solution: () => z.slice(),
    async improve() {
      if (solve.steps > 0) return;
      const factors = luFactorize(denseMatrix(K, order, order));
      z = Float64Array.from(luSolve(factors, b));
      const refine = () => denseMultiply(K, order, order, z).map((value, i) => b[i] - value);
      const correction = luSolve(factors, refine());
      for (let i = 0; i < order; i++) z[i] += correction[i];
      solve.residualNorm = norm2(refine());
      solve.steps = 1;
      solve.flops = (2 * order ** 3) / 3 + 8 * order ** 2;
    },
  };
  return solve;
}

/** Starts at z = 0. */
export function innerSolve(
  K: Float64Array,
  b: Float64Array,
  stream: RandomStream,
  options: {
    sketch: SketchKind | SketchMaker | "exact";
    sketchSize: number | undefined;
    equilibrate: boolean;
  },
): InnerSolve {
  const order = b.length;
  const { sketch, sketchSize } = options;
  if (sketch === "exact") return exactSolve(K, b);
  const size = checkSketch(sketch, sketchSize, order);
  const sparse = csrFromDense(denseMatrix(K, order, order));
  const few = sparse.values.length < SPARSE * order * order;
  const given: SystemMatrix = few ? sparse : { rows: order, columns: order, values: K };
  const { A, scale } = options.equilibrate ? equilibrate(given) : { A: given, scale: undefined };
  const target = scale ? b.map((value, i) => value * scale[i]) : b;
  const projector = makeProjector(A, target, stream, sketch, size);
  const unscale = scale?.map((factor) => 1 / factor);
  const run = sketchRun(A, target, new Float64Array(order), projector, { unscale });
  return {
    solution: () => (scale ? run.z.map((value, i) => value * scale[i]) : run.z.slice()),
    get residualNorm() {
      return run.residualNorm;
    },
    get steps() {
      return run.steps;
    },
    get flops() {
      return run.flops;
    },
    async improve(threshold, most, pause) {
      const end = run.steps + most;
      while (!(run.residualNorm <= threshold) && run.steps < end) {
        run.advance(end - run.steps, threshold);
        const turn = pause();
        if (turn) await turn;
      }
    },
  };
}
