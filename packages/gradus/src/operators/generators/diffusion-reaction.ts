import { ArgumentError } from "../../check/errors.ts";
import { checkFinite, checkIntegerWithin, checkPositive } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import { cubicSplines } from "../function-spaces/cubic-splines.ts";
import type { SolutionOperator } from "./solution-operator.ts";

export interface DiffusionReactionOptions {
  /** D. */
  readonly diffusion?: number;
  /** k. */
  readonly reaction?: number;
  /** Grid points in x, both ends included. */
  readonly spacePoints?: number;
  /** Grid points in t, both ends included. */
  readonly timePoints?: number;
  /** t runs from 0 to it. */
  readonly horizon?: number;
}

interface Scheme {
  readonly nx: number;
  readonly nt: number;
  readonly dt: number;
  /** D / h^2 */
  readonly spread: number;
  readonly k: number;
}

/**
 * Marches one source term through time: Crank-Nicolson for diffusion, the reaction linearized about the last time,
 * (I/dt - L/2 - diag(k s)) s_new = (I/dt + L/2 - diag(k s)) s + k s^2 + u, by the Thomas algorithm. Returns false where
 * the solution blows up: the matrix on the left is not positive definite there, and the scheme would go on beyond with
 * finite numbers.
 *
 * @param out nt x nx, row-major, zero
 */
function march(
  { nx, nt, dt, spread, k }: Scheme,
  u: Float64Array,
  out: Float64Array,
  upper: Float64Array,
): boolean {
  const side = -spread / 2;
  for (let n = 0; n + 1 < nt; n++) {
    const at = n * nx;
    const next = at + nx;
    // forward elimination; the ends stay 0
    for (let i = 1; i < nx - 1; i++) {
      const s = out[at + i];
      const slope = k * s;
      const right =
        (1 / dt - spread - slope) * s + (spread / 2) * (out[at + i - 1] + out[at + i + 1]) + slope * s + u[i];
      const remaining = 1 / dt + spread - slope - side * upper[i - 1];
      if (!(remaining > 0)) return false;
      const pivot = 1 / remaining;
      upper[i] = side * pivot;
      out[next + i] = (right - side * out[next + i - 1]) * pivot;
    }
    for (let i = nx - 3; i > 0; i--) out[next + i] -= upper[i] * out[next + i + 1];
  }
  const last = out.subarray((nt - 1) * nx);
  for (let i = 0; i < nx; i++) if (!Number.isFinite(last[i])) return false;
  return true;
}

/**
 * The solution of s_t = D s_xx + k s^2 + u(x) for x in [0, end], t in [0, horizon], with zero initial and boundary
 * values, as a function of (x, t) on the nodes of a grid: Crank-Nicolson in time with the reaction linearized, central
 * differences in space; second order in both. Sources between the input's points come from its cubic spline. Functions
 * whose solution blows up are marked.
 * Source: Lu, Jin & Karniadakis 2019, arXiv 1910.03193, section 4.3, with the scheme of the authors' code.
 *
 * @throws ArgumentError unless diffusion and horizon are finite and > 0, reaction is finite and both numbers of points
 *   are integers >= 3, or for an unknown option
 */
export function diffusionReaction(options: DiffusionReactionOptions = {}): SolutionOperator {
  checkOptions("diffusionReaction", options, [
    "diffusion",
    "reaction",
    "spacePoints",
    "timePoints",
    "horizon",
  ]);
  const { diffusion = 0.01, reaction = 0.01, spacePoints = 100, timePoints = 100, horizon = 1 } = options;
  checkPositive({ diffusion, horizon });
  checkFinite({ reaction });
  checkIntegerWithin(3, Number.POSITIVE_INFINITY, { spacePoints, timePoints });
  return {
    dimension: 2,
    solve({ grid, values }) {
      const [nx, nt] = [spacePoints, timePoints];
      const splines = cubicSplines(grid, values);
      const { count } = splines;
      const length = grid[grid.length - 1] - grid[0];
      const h = length / (nx - 1);
      const dt = horizon / (nt - 1);
      const scheme = { nx, nt, dt, spread: diffusion / (h * h), k: reaction };
      const nodes = nt * nx;
      const solutions = new Float64Array(count * nodes);
      const valid = new Uint8Array(count);
      const source = new Float64Array(nx);
      const upper = new Float64Array(nx);
      for (let f = 0; f < count; f++) {
        for (let i = 0; i < nx; i++) source[i] = splines.value(f, grid[0] + i * h);
        const out = solutions.subarray(f * nodes, (f + 1) * nodes);
        valid[f] = march(scheme, source, out, upper) ? 1 : 0;
      }
      const place = (x: number, step: number, points: number, axis: string) => {
        const i = Math.round(x / step);
        if (!(i >= 0 && i < points && Math.abs(x - i * step) <= 1e-6 * step))
          throw new ArgumentError(
            `locations must be nodes of the grid, multiples of ${step} in ${axis}, got ${x}`,
          );
        return i;
      };
      return {
        count,
        valid,
        draw(stream, location) {
          location[0] = grid[0] + h * stream.integer(nx);
          location[1] = dt * stream.integer(nt);
        },
        value(f, [x, t]) {
          return solutions[f * nodes + place(t, dt, nt, "t") * nx + place(x - grid[0], h, nx, "x")];
        },
      };
    },
  };
}
