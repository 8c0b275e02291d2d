import { affineBilevelProblem, type BilevelProblem } from "gradus/optimize/bilevel";
import { randomStream } from "gradus/random";

/** Example 1 of the paper: f = x^2 + y^2, g = x y on [-1, 1]^2, whose lower solutions jump at x = 0. */
export const jumpProblem: BilevelProblem = {
  dimensionX: 1,
  dimensionY: 1,
  upper: {
    value: ([x], [y]) => x * x + y * y,
    gradientX: ([x]) => Float64Array.of(2 * x),
    gradientY: (_, [y]) => Float64Array.of(2 * y),
  },
  lower: {
    value: ([x], [y]) => x * y,
    gradientX: (_, [y]) => Float64Array.of(y),
    gradientY: ([x]) => Float64Array.of(x),
  },
  projectX: (x) => x.map((value) => Math.min(1, Math.max(-1, value))),
  projectY: (y) => y.map((value) => Math.min(1, Math.max(-1, value))),
};

/** psi of example 1 away from its jump: x^2 + 1 for x other than 0. */
export const jumpHyperobjective = (x: number): number => x * x + 1;

/** g = (sqrt(mu) y - x)^2 / 2, f = (y - x / sqrt(mu) - 1)^2 / 2 at x = 1: the error bound's constant is mu. */
export function curvatureProblem(mu: number): BilevelProblem & { readonly target: number } {
  const root = Math.sqrt(mu);
  const target = 1 / root + 1;
  return {
    target,
    dimensionX: 1,
    dimensionY: 1,
    upper: {
      value: (_, [y]) => (y - target) ** 2 / 2,
      gradientX: () => Float64Array.of(0),
      gradientY: (_, [y]) => Float64Array.of(y - target),
    },
    lower: {
      value: ([x], [y]) => (root * y - x) ** 2 / 2,
      gradientX: ([x], [y]) => Float64Array.of(x - root * y),
      gradientY: ([x], [y]) => Float64Array.of(root * (root * y - x)),
    },
  };
}

/** The affine problem with a bound on y_3 that is active at the solution. */
export interface BoundedProblem {
  readonly problem: BilevelProblem;
  readonly x: Float64Array;
  /** The minimizer of f over the lower solutions with y_3 at most the bound. */
  lowerSolution(x: Float64Array): Promise<Float64Array>;
  /** psi(x), by that solution. */
  hyperobjective(x: Float64Array): Promise<number>;
}

const BOUNDED = 3;

/** Cuts half a unit off the third coordinate of the solution at a random x. */
export function boundedProblem(seed: number): BoundedProblem {
  const family = affineBilevelProblem({ seed });
  const { problem, lowerSolution: free } = family;
  const { dimensionX, dimensionY } = problem;
  const x = randomStream(seed).split("bounded").fillNormal(new Float64Array(dimensionX));
  const bound = free(x)[BOUNDED] - 0.5;
  const { lowerProducts } = problem;
  if (!lowerProducts) throw new RangeError("the affine problem has products");
  const unit = new Float64Array(dimensionY).with(BOUNDED, 1);
  /**
   * The free solution moved along P e_3, the projection of the bounded axis on the null space of A, until the bound holds
   * with equality: with normal equations A^T A e = e_3 - P e_3 solved by conjugate gradients on the lower Hessian.
   */
  async function projectedAxis(at: Float64Array, y: Float64Array): Promise<Float64Array> {
    const image = Float64Array.from((await lowerProducts?.yy(at, y, unit)) ?? unit);
    const found = new Float64Array(dimensionY);
    const residual = image.slice();
    const direction = image.slice();
    let square = residual.reduce((sum, value) => sum + value * value, 0);
    for (let k = 0; k < dimensionY && square > 1e-30; k++) {
      const H = (await lowerProducts?.yy(at, y, direction)) ?? direction;
      const step = square / direction.reduce((sum, value, i) => sum + value * H[i], 0);
      for (let i = 0; i < dimensionY; i++) {
        found[i] += step * direction[i];
        residual[i] -= step * H[i];
      }
      const next = residual.reduce((sum, value) => sum + value * value, 0);
      for (let i = 0; i < dimensionY; i++) direction[i] = residual[i] + (next / square) * direction[i];
      square = next;
    }
    return unit.map((value, i) => value - found[i]);
  }
  async function lowerSolution(at: Float64Array): Promise<Float64Array> {
    const y = free(at);
    const axis = await projectedAxis(at, y);
    const shift = (bound - y[BOUNDED]) / axis[BOUNDED];
    return y.map((value, i) => value + shift * axis[i]);
  }
  return {
    problem: {
      ...problem,
      projectY(y) {
        y[BOUNDED] = Math.min(bound, y[BOUNDED]);
        return y;
      },
      lowerConstraints: {
        values: (y) => Float64Array.of(y[BOUNDED] - bound),
        jacobian: () => ({ rows: 1, columns: dimensionY, values: unit }),
      },
    },
    x,
    lowerSolution,
    hyperobjective: async (at) => problem.upper.value(at, await lowerSolution(at)),
  };
}
