import { zerosOf } from "../../../check/arrays.ts";
import { checkPositiveInteger } from "../../../check/numbers.ts";
import type { EqualityProblem } from "../problem.ts";

const CONTROL_WEIGHT = 0.1;
/** How fast the target varies from point to point. */
const RATE = 0.1 / Math.sqrt(15);
/** The domain is a square with this side. */
const SIDE = 2;

/**
 * Control of Poisson's equation on a square of side 2, N x N interior points, spacing h = 2 / (N + 1), zero boundary:
 *
 *     min (1/2) ||w - w_d||^2 + (0.1/2) ||z||^2   subject to   Delta_h w + z = 0,
 *
 * x = (w, z), n = 2 N^2, m = N^2; Delta_h is the five-point Laplacian and
 * w_d(i, j) = sin(4 + a (i - (N + 1)/2)) + cos(3 + a (j - (N + 1)/2)),  a = 0.1 / sqrt(15).  A convex quadratic program:
 * one exact Newton step solves it. Its condition grows with N.
 * Source: Hong, Na, Mahoney & Kolar 2023, their code's PDE problem.
 *
 * @throws ArgumentError unless N is an integer >= 1
 */
export function poissonControl(N: number): EqualityProblem {
  checkPositiveInteger({ N });
  const m = N * N;
  const n = 2 * m;
  const perSquare = ((N + 1) / SIDE) ** 2;
  const H = zerosOf({ n, columns: n });
  const G = new Float64Array(m * n);
  const target = new Float64Array(m);
  for (let j = 0; j < N; j++)
    for (let i = 0; i < N; i++) {
      const k = j * N + i;
      const centered = (index: number) => RATE * (index - (N - 1) / 2);
      target[k] = Math.sin(4 + centered(i)) + Math.cos(3 + centered(j));
      G[k * n + k] = -4 * perSquare;
      if (i > 0) G[k * n + k - 1] = perSquare;
      if (i < N - 1) G[k * n + k + 1] = perSquare;
      if (j > 0) G[k * n + k - N] = perSquare;
      if (j < N - 1) G[k * n + k + N] = perSquare;
      G[k * n + m + k] = 1;
      H[k * n + k] = 1;
      H[(m + k) * n + m + k] = CONTROL_WEIGHT;
    }
  return {
    dimension: n,
    constraintCount: m,
    value(x) {
      let sum = 0;
      for (let k = 0; k < m; k++) sum += (x[k] - target[k]) ** 2 + CONTROL_WEIGHT * x[m + k] ** 2;
      return sum / 2;
    },
    gradient: (x) => x.map((value, k) => (k < m ? value - target[k] : CONTROL_WEIGHT * value)),
    constraints(x) {
      const c = new Float64Array(m);
      for (let k = 0; k < m; k++) {
        const i = k % N;
        const right = i < N - 1 ? x[k + 1] : 0;
        const left = i > 0 ? x[k - 1] : 0;
        const down = k >= N ? x[k - N] : 0;
        const up = k < m - N ? x[k + N] : 0;
        c[k] = perSquare * (left + right + down + up - 4 * x[k]) + x[m + k];
      }
      return c;
    },
    jacobian: () => ({ rows: m, columns: n, values: G.slice() }),
    hessianLagrangian: () => ({ rows: n, columns: n, values: H.slice() }),
  };
}
