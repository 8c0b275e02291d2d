/** Writes the derivatives of the state s at time t under the input u(t). */
export type RightSide = (s: Float64Array, u: number, t: number, derivatives: Float64Array) => void;

/** An input on an even grid, and where its trajectory is written: one number for every other point. */
export interface Course {
  readonly grid: Float64Array;
  readonly u: Float64Array;
  readonly out: Float64Array;
}

/**
 * Follows an input by the classical Runge-Kutta method of order 4, in steps over two cells of its grid, whose middle point
 * the inner stages need. Returns false where the state leaves [-1000, 1000].
 */
export type March = (course: Course) => boolean;

/** Trajectories beyond it count as blown up. */
const LARGEST = 1e3;

/** The march of component `output` of  s' = g(s, u(t), t). */
export function marchOf({
  rightSide,
  initial,
  output,
}: {
  readonly rightSide: RightSide;
  readonly initial: readonly number[];
  readonly output: number;
}): March {
  const size = initial.length;
  const [s, mid, k1, k2, k3, k4] = Array.from({ length: 6 }, () => new Float64Array(size));
  return ({ grid, u, out }) => {
    const half = grid[1] - grid[0];
    const step = 2 * half;
    s.set(initial);
    out[0] = s[output];
    for (let n = 0; n + 1 < out.length; n++) {
      const i = 2 * n;
      const middle = grid[i + 1];
      rightSide(s, u[i], grid[i], k1);
      for (let j = 0; j < size; j++) mid[j] = s[j] + half * k1[j];
      rightSide(mid, u[i + 1], middle, k2);
      for (let j = 0; j < size; j++) mid[j] = s[j] + half * k2[j];
      rightSide(mid, u[i + 1], middle, k3);
      for (let j = 0; j < size; j++) mid[j] = s[j] + step * k3[j];
      rightSide(mid, u[i + 2], grid[i + 2], k4);
      for (let j = 0; j < size; j++) {
        s[j] += (step / 6) * (k1[j] + 2 * (k2[j] + k3[j]) + k4[j]);
        if (!(Math.abs(s[j]) <= LARGEST)) return false;
      }
      out[n + 1] = s[output];
    }
    return true;
  };
}

/**
 * The march of x in  x'' = a(x, u(t)), from rest at 0: the same steps on (x, x'), each number in a register, where arrays
 * make every stage wait for what the one before has stored.
 */
export function secondOrderMarch(acceleration: (x: number, u: number) => number): March {
  return ({ grid, u, out }) => {
    const half = grid[1] - grid[0];
    const step = 2 * half;
    let [x, v] = [0, 0];
    out[0] = x;
    for (let n = 0; n + 1 < out.length; n++) {
      const i = 2 * n;
      const a1 = acceleration(x, u[i]);
      const v2 = v + half * a1;
      const a2 = acceleration(x + half * v, u[i + 1]);
      const v3 = v + half * a2;
      const a3 = acceleration(x + half * v2, u[i + 1]);
      const v4 = v + step * a3;
      const a4 = acceleration(x + step * v3, u[i + 2]);
      x += (step / 6) * (v + 2 * (v2 + v3) + v4);
      v += (step / 6) * (a1 + 2 * (a2 + a3) + a4);
      if (!(Math.abs(x) <= LARGEST && Math.abs(v) <= LARGEST)) return false;
      out[n + 1] = x;
    }
    return true;
  };
}
