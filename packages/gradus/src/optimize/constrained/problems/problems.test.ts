import { describe, expect, test } from "vitest";
import { ArgumentError } from "../../../check/errors.ts";
import { randomStream } from "../../../random/stream.ts";
import { expectDerivatives } from "../test-support.ts";
import { equalityTestProblems } from "./equality-test-problems.ts";
import { poissonControl } from "./poisson-control.ts";

describe.each(equalityTestProblems.map((entry) => [entry.name, entry] as const))("%s", (name, entry) => {
  test("has the derivatives of its formulas, at the start and beside it", async () => {
    const { problem, start } = entry;
    const stream = randomStream(3).split(name);
    const lambda = stream.fillNormal(new Float64Array(problem.constraintCount));
    await expectDerivatives(problem, start, lambda);
    await expectDerivatives(
      problem,
      start.map((value) => value / 4 + stream.normal() / 2),
      lambda,
    );
  });

  test("says where it comes from", () => {
    expect(entry.source).toMatch(/\d{4}.* problem \d+/);
    expect(entry.start).toHaveLength(entry.problem.dimension);
  });
});

describe("starting points against the published ones", () => {
  const at = async (name: string) => {
    const entry = equalityTestProblems.find((candidate) => candidate.name === name);
    if (!entry) throw new Error(name);
    return { f: await entry.problem.value(entry.start), c: await entry.problem.constraints(entry.start) };
  };
  // Hock & Schittkowski 1981 print f(x0); the starts of 42, 47, 51, 56 and 78 (first equation) are feasible by design
  test.each([
    ["HS6", 4.84],
    ["HS7", Math.log(5) - 2],
    ["HS28", 13],
    ["HS39", -2],
    ["HS40", -0.4096],
    ["HS42", 14],
    ["HS48", 84],
    ["HS51", 8.5],
    ["HS52", 42],
    ["HS56", -1],
    ["HS77", 4],
    ["HS78", -6],
    ["HS79", 1],
    ["HS100LNP", 714],
  ])("%s starts at f = %d", async (name, value) => {
    expect((await at(name)).f).toBeCloseTo(value, 10);
  });

  test.each(["HS47", "HS48", "HS50", "HS51", "HS56"])("%s starts at a feasible point", async (name) => {
    expect(Math.max(...Array.from((await at(name)).c, Math.abs))).toBeLessThan(1e-12);
  });
});

describe("poissonControl", () => {
  test("has the derivatives of its formulas", async () => {
    const problem = poissonControl(3);
    const stream = randomStream(5);
    await expectDerivatives(
      problem,
      stream.fillNormal(new Float64Array(18)),
      stream.fillNormal(new Float64Array(9)),
    );
  });

  test("its Laplacian is exact on x (2 - x) y (2 - y), a quadratic in each variable", async () => {
    const N = 7;
    const problem = poissonControl(N);
    const point = new Float64Array(2 * N * N);
    const along = (k: number) => (2 * (k + 1)) / (N + 1);
    const parabola = (t: number) => t * (2 - t);
    for (let j = 0; j < N; j++)
      for (let i = 0; i < N; i++) {
        point[j * N + i] = parabola(along(i)) * parabola(along(j));
        point[N * N + j * N + i] = 2 * (parabola(along(i)) + parabola(along(j)));
      }
    for (const c of await problem.constraints(point)) expect(Math.abs(c)).toBeLessThan(1e-10);
  });

  test("refuses no points", () => {
    expect(() => poissonControl(0)).toThrow(ArgumentError);
  });
});
