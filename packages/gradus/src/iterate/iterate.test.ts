import { expect, test } from "vitest";
import { parseCheckpoint, serializeCheckpoint } from "./checkpoint.ts";
import { iterates, type MethodOptions, type Stepper, solve } from "./iterate.ts";

/** Newton's iteration for the square root of 2: its limit and its quadratic rate are known. */
const squareRoot: Stepper<{ x: number }, { x: number; gradientNorm: number }> = {
  start: () => ({ x: 1 }),
  step: ({ x }) => ({ x: x / 2 + 1 / x }),
  view: ({ x }) => ({ x, gradientNorm: Math.abs(x * x - 2) }),
};
const method = (options?: MethodOptions<{ x: number }>) => iterates(squareRoot, options);

test("solve stops at the tolerance and at the iteration limit", async () => {
  const solution = await solve(method(), { gradientTolerance: 1e-12, maxIterations: 50 });
  expect(solution.status).toBe("converged");
  expect(solution.iterate.x).toBeCloseTo(Math.SQRT2, 12);
  expect(solution.iterate.iteration).toBe(5);
  const short = await solve(method(), { maxIterations: 2 });
  expect(short.status).toBe("max-iterations");
  expect(short.iterate.x).toBeCloseTo(17 / 12, 14);
});

test("an iterate's state resumes the method bit for bit, through text as well", async () => {
  const all: number[] = [];
  for await (const { x, iteration } of method()) {
    all.push(x);
    if (iteration === 6) break;
  }
  const { iterate } = await solve(method(), { maxIterations: 3 });
  const stored = parseCheckpoint(serializeCheckpoint(iterate)) as typeof iterate;
  const resumed: number[] = [];
  for await (const { x, iteration } of method({ resume: stored })) {
    resumed.push(x);
    if (iteration === 6) break;
  }
  expect(resumed).toStrictEqual(all.slice(3));
});

test("an aborted signal ends the iteration with its reason, even when nothing else awaits", async () => {
  const controller = new AbortController();
  // runs only where the loop lets other tasks run
  setImmediate(() => controller.abort(new Error("enough")));
  await expect(solve(method({ signal: controller.signal }))).rejects.toThrow("enough");
  await expect(solve(method(), { signal: AbortSignal.abort(new Error("before")) })).rejects.toThrow("before");
});

test("with an aborted signal, solve asks the method for nothing", async () => {
  let starts = 0;
  const counting = iterates({ ...squareRoot, start: () => ({ x: ++starts }) });
  await expect(solve(counting, { signal: AbortSignal.abort(new Error("before")) })).rejects.toThrow("before");
  expect(starts).toBe(0);
});

test("limits that make no sense are refused by name", async () => {
  await expect(solve(method(), { maxIterations: Number.NaN })).rejects.toThrow("maxIterations");
  await expect(solve(method(), { timeLimit: 0 })).rejects.toThrow("timeLimit");
});

test("a method ends after the iterate that says it is done", async () => {
  const counted = iterates<number, { done: boolean }>({
    start: () => 0,
    step: (n) => n + 1,
    view: (n) => ({ done: n === 3 }),
  });
  const seen: number[] = [];
  for await (const { state } of counted) seen.push(state);
  expect(seen).toStrictEqual([0, 1, 2, 3]);
});

test("iterates refuses an unknown option by name", async () => {
  const stepper = { start: () => 0, step: (k: number) => k + 1, view: () => ({}) };
  const refused = expect(iterates(stepper, { resumed: 1 } as object).next()).rejects;
  await refused.toThrow('iterates has no option "resumed"; its options are resume, signal');
});
