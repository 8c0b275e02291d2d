import { describe, expect, test } from "vitest";
import { gaussianRandomField } from "../../data/generators/gaussian-random-field.ts";
import { randomStream } from "../../random/stream.ts";
import { chebyshevSpace, powerSeriesSpace } from "../function-spaces/polynomial-space.ts";
import { antiderivative } from "./antiderivative.ts";
import { diffusionReaction } from "./diffusion-reaction.ts";
import { operatorDataset } from "./operator-dataset.ts";
import { ordinaryDifferentialEquation, pendulum } from "./ordinary-differential-equation.ts";

const even = (points: number, end = 1) =>
  Float64Array.from({ length: points }, (_, i) => (end * i) / (points - 1));
const at = (...location: number[]) => Float64Array.from(location);

describe("antiderivative", () => {
  test("of the cosine is the sine", () => {
    const grid = even(101, 3);
    const solution = antiderivative().solve({ grid, values: grid.map(Math.cos) });
    for (const y of [0, 0.3, 1.234, 3]) expect(solution.value(0, at(y))).toBeCloseTo(Math.sin(y), 7);
    expect(() => solution.value(0, at(3.1))).toThrow("locations must be in [0, 3]");
  });
});

describe("ordinary differential equations", () => {
  test("the logistic equation under a constant input is solved in closed form, with order 4", () => {
    // s' = -s^2 + 1 from 0: tanh t
    const operator = ordinaryDifferentialEquation({
      initial: [0],
      rightSide: (s, u, _, out) => {
        out[0] = u - s[0] * s[0];
      },
    });
    const worst = (points: number) => {
      const grid = even(points, 2);
      const solution = operator.solve({ grid, values: new Float64Array(points).fill(1) });
      return Math.max(...[0.11, 0.5, 1.37, 2].map((t) => Math.abs(solution.value(0, at(t)) - Math.tanh(t))));
    };
    expect(worst(201)).toBeLessThan(1e-7);
    expect(worst(21) / worst(41)).toBeGreaterThan(10);
  });

  // scipy.integrate.solve_ivp, DOP853, rtol 1e-12: s1'' = -sin s1 + cos 3t at t = 0.7 and 2
  test("the pendulum agrees with SciPy", () => {
    const grid = even(401, 2);
    const solution = pendulum().solve({ grid, values: grid.map((t) => Math.cos(3 * t)) });
    expect(solution.value(0, at(0.7))).toBeCloseTo(0.15872097976451877, 8);
    expect(solution.value(0, at(2))).toBeCloseTo(-0.17148530367876733, 8);
  });

  test("the pendulum is the system of its angle and its speed, to the bit", () => {
    const k = 2.5;
    const system = ordinaryDifferentialEquation({
      initial: [0, 0],
      rightSide(s, u, _, out) {
        out[0] = s[1];
        out[1] = u - k * Math.sin(s[0]);
      },
    });
    const grid = even(201, 3);
    // the third torque drives the speed out of range, the fourth is not a number
    const torques = [0.5, -4, 2000, Number.NaN];
    const values = Float64Array.from(
      { length: 201 * torques.length },
      (_, i) => torques[Math.floor(i / 201)],
    );
    const [found, wanted] = [pendulum({ k }), system].map((one) => one.solve({ grid, values }));
    expect([...found.valid]).toEqual([1, 1, 0, 0]);
    expect(found.valid).toEqual(wanted.valid);
    for (const f of torques.keys())
      for (const t of grid) expect(found.value(f, at(t))).toBe(wanted.value(f, at(t)));
  });

  test("a trajectory that runs away is marked", () => {
    const grid = even(101);
    const operator = ordinaryDifferentialEquation({
      initial: [-1],
      rightSide: (s, u, _, out) => {
        out[0] = u - s[0] * s[0];
      },
    });
    const values = Float64Array.from({ length: 202 }, (_, k) => (k < 101 ? 0.5 : -30));
    expect([...operator.solve({ grid, values }).valid]).toEqual([1, 0]);
  });

  test("names a grid that the scheme cannot step over", () => {
    expect(() => pendulum().solve({ grid: even(10), values: new Float64Array(10) })).toThrow(
      "grid must have an odd number of points, at least 9, got 10",
    );
    expect(() => ordinaryDifferentialEquation({ initial: [0], rightSide: () => {}, output: 1 })).toThrow(
      "output must be an integer from 0 to 0, got 1",
    );
  });
});

describe("diffusion and reaction", () => {
  const solve = (points: number, k: number) => {
    const grid = even(201);
    const operator = diffusionReaction({
      diffusion: 0.1,
      reaction: k,
      spacePoints: points,
      timePoints: points,
    });
    return operator.solve({ grid, values: grid.map((x) => Math.sin(Math.PI * x)) });
  };

  test("without a reaction a sine stays a sine", () => {
    // s = (1 - exp(-D pi^2 t)) / (D pi^2) sin(pi x)
    const rate = 0.1 * Math.PI ** 2;
    const solution = solve(101, 0);
    for (const [x, t] of [
      [0.5, 1],
      [0.25, 0.5],
      [0.9, 0.1],
    ]) {
      const exact = ((1 - Math.exp(-rate * t)) / rate) * Math.sin(Math.PI * x);
      expect(Math.abs(solution.value(0, at(x, t)) - exact)).toBeLessThan(5e-5);
    }
    expect(solution.value(0, at(0, 0.5))).toBe(0);
  });

  test("is of second order", () => {
    const [coarse, middle, fine] = [11, 21, 41].map((n) => solve(n, 3).value(0, at(0.5, 1)));
    const order = Math.log2((coarse - middle) / (middle - fine));
    expect(order).toBeGreaterThan(1.8);
    expect(order).toBeLessThan(2.2);
  });

  test("knows the solution on nodes only", () => {
    expect(() => solve(11, 0).value(0, at(0.55, 0.5))).toThrow(
      "locations must be nodes of the grid, multiples of 0.1 in x, got 0.55",
    );
  });
});

describe("polynomial spaces", () => {
  test("coefficients are recovered: uniform on [-M, M]", () => {
    // with two terms u(0) = a0 - a1 and u(1) = a0 + a1
    const u = chebyshevSpace({ points: 3, terms: 2, bound: 2 }).sample(randomStream(1), 4000);
    let [square, cross] = [0, 0];
    for (let s = 0; s < 4000; s++) {
      const [a0, a1] = [(u[3 * s] + u[3 * s + 2]) / 2, (u[3 * s + 2] - u[3 * s]) / 2];
      expect(Math.max(Math.abs(a0), Math.abs(a1))).toBeLessThanOrEqual(2);
      square += a0 * a0;
      cross += a0 * a1;
    }
    expect(Math.abs(square / 4000 - 4 / 3)).toBeLessThan(0.1);
    expect(Math.abs(cross / 4000)).toBeLessThan(0.1);
  });

  test("a power series at 0 is its first coefficient", () => {
    const [one, many] = [1, 5].map((terms) =>
      powerSeriesSpace({ points: 5, terms }).sample(randomStream(3), 1),
    );
    expect(many[0]).toBe(one[0]);
  });
});

describe("operatorDataset", () => {
  const space = gaussianRandomField({ points: 201 });
  const make = (more: object) =>
    operatorDataset({
      space,
      operator: antiderivative(),
      sensors: 5,
      functions: 70,
      stream: randomStream(1),
      pointsPerFunction: 2,
      ...more,
    });

  test("the functions are the same with any locations, and targets belong to them", () => {
    const locations = { rows: 3, columns: 1, values: at(0, 0.5, 1) };
    const [scattered, grid] = [make({}), make({ pointsPerFunction: undefined, locations })];
    expect(grid.sensorValues).toEqual(scattered.sensorValues);
    expect(grid.targets.columns).toBe(3);
    expect(grid.targets.values[0]).toBe(0);
    // sensors on the grid see the function itself
    expect(scattered.sensorValues.values[5 * 69 + 4]).toBe(
      space.sample(randomStream(1).split("functions"), 70)[69 * 201 + 200],
    );
    const first = space.sample(randomStream(1).split("functions"), 1);
    const exact = antiderivative().solve({ grid: space.grid, values: first });
    for (const p of [0, 1])
      expect(scattered.targets.values[p]).toBe(exact.value(0, scattered.locations.values.subarray(p, p + 1)));
  });

  test("says how many functions were drawn again", () => {
    const unstable = ordinaryDifferentialEquation({
      initial: [0],
      rightSide: (s, u, _, out) => {
        out[0] = 8 * u - s[0] * s[0];
      },
    });
    const { dropped, targets } = make({ operator: unstable });
    expect(dropped).toBeGreaterThan(0);
    expect(targets.rows).toBe(70);
    expect(targets.values.every(Number.isFinite)).toBe(true);
  });

  test("names what does not fit", () => {
    expect(() => make({ sensors: at(0.5, 1.5) })).toThrow("sensors must be in [0, 1], got 1.5 at index 1");
    expect(() => make({ pointsPerFunction: undefined })).toThrow("must be given, got none");
    expect(() => make({ functions: 0 })).toThrow("functions must be a positive integer, got 0");
    expect(() => make({ unheardOf: 1 })).toThrow("unheardOf");
  });

  // without diffusion s = sqrt(u/k) tan(sqrt(k u) t), until sqrt(k u) t = pi/2
  test.each([
    [10, 10, 0.15],
    [10, 10, 0.2],
    [10, 10, 1],
    [1, 100, 1],
    [3, 1, 0.9],
    [3, 1, 1],
    [1000, 1000, 1],
  ])("marks solutions of s_t = k s^2 + u beyond their blow-up: k = %d, u = %d, until %d", (k, u, horizon) => {
    const grid = Float64Array.from({ length: 101 }, (_, i) => i / 100);
    const operator = diffusionReaction({ diffusion: 1e-4, reaction: k, horizon });
    const found = operator.solve({ grid, values: new Float64Array(101).fill(u) });
    const angle = Math.sqrt(k * u) * horizon;
    expect(found.valid[0]).toBe(angle < Math.PI / 2 ? 1 : 0);
    if (found.valid[0] === 1)
      expect(
        found.value(0, Float64Array.of(49 / 99, horizon)) / (Math.sqrt(u / k) * Math.tan(angle)),
      ).toBeCloseTo(1, 1);
  });
});
