import { conjugateGradient } from "gradus/linalg";
import { multigridPreconditioner, poissonOperator } from "gradus/linalg/grids";
import { directionSizes } from "../direction-sizes.ts";
import type { Runner } from "../worker.ts";

const { cells: N, tolerance } = directionSizes.grid;

/** Conjugate gradients for a plume, with multigrid or alone; preparing the operator is not timed, as for the peer. */
export function gridSolution(multigrid: boolean): Runner {
  const A = poissonOperator({ shape: [N, N] });
  const plume = Float64Array.from({ length: N * N }, (_, k) => {
    const [x, y] = [((k % N) + 0.5) / N, (Math.floor(k / N) + 0.5) / N];
    return Math.exp(-((x - 0.5) ** 2 + (y - 0.2) ** 2) / 0.01);
  });
  const b = A.project(plume);
  const preconditioner = multigrid ? multigridPreconditioner(A) : undefined;
  async function call(): Promise<Float64Array> {
    // x is read of the last iterate alone: each one that is read is a copy
    for await (const iterate of conjugateGradient(A, b, { relativeTolerance: tolerance, preconditioner }))
      if (iterate.done) return A.project(iterate.x);
    throw new Error("conjugate gradients ended before the tolerance");
  }
  return {
    reset() {},
    call,
    unitsPerCall: 1,
    async check() {
      const x = await call();
      return [Math.sqrt(x.reduce((sum, value) => sum + value * value, 0)), x[0], x[x.length - 1]];
    },
  };
}
