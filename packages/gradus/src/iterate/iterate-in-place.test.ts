import { expect, test } from "vitest";
import { GradusError } from "../check/errors.ts";
import { parseCheckpoint, serializeCheckpoint } from "./checkpoint.ts";
import type { MethodOptions } from "./iterate.ts";
import { solve } from "./iterate.ts";
import { type InPlaceStepper, iteratesInPlace } from "./iterate-in-place.ts";

interface Pair {
  /** Two consecutive Fibonacci numbers. */
  readonly pair: Float64Array;
}

const fibonacci = (
  asynchronous: boolean,
): InPlaceStepper<Pair, { last: number }, { pair: Float64Array }> => ({
  start: () => ({ pair: Float64Array.of(0, 1) }),
  advance({ pair }) {
    pair.set([pair[1], pair[0] + pair[1]]);
    if (asynchronous) return Promise.resolve();
  },
  view: ({ pair }) => ({ last: pair[1], done: pair[1] >= 55 }),
  lazy: { pair: (work) => work.pair.slice() },
  copy: (work) => ({ pair: work.pair.slice() }),
});
const method = (options?: MethodOptions<Pair>) => iteratesInPlace(fibonacci(false), options);

test.each([false, true])("steps until done, asynchronous: %s", async (asynchronous) => {
  const seen: number[] = [];
  for await (const { last } of iteratesInPlace(fibonacci(asynchronous))) seen.push(last);
  expect(seen).toStrictEqual([1, 1, 2, 3, 5, 8, 13, 21, 34, 55]);
});

test("the last iterate of solve can be read, and resumes through text", async () => {
  const { iterate } = await solve(method(), { maxIterations: 5 });
  expect(iterate.iteration).toBe(5);
  expect(Array.from(iterate.pair)).toEqual([5, 8]);
  const stored = parseCheckpoint(serializeCheckpoint(iterate)) as typeof iterate;
  const end = await solve(method({ resume: stored }));
  expect(end.status).toBe("converged");
  expect(Array.from(end.iterate.pair)).toEqual([34, 55]);
  expect(end.iterate.iteration).toBe(9);
  expect(Array.from(iterate.state.pair)).toEqual([5, 8]);
});

test("what was read stays; what was not read in time says so", async () => {
  const run = method();
  const first = (await run.next()).value;
  if (!first) throw new Error("no iterate");
  const { pair } = first;
  await run.next();
  expect(first.pair).toBe(pair);
  expect(Array.from(pair)).toEqual([0, 1]);
  expect(() => first.state).toThrow(GradusError);
  expect(() => first.state).toThrow("state must be read before requesting the next iterate");
});

test("resuming twice from one state gives the same iterates: the state is not consumed", async () => {
  const { iterate } = await solve(method(), { maxIterations: 3 });
  const resume = { iteration: 3, state: iterate.state };
  const ends = [await solve(method({ resume })), await solve(method({ resume }))];
  expect(ends.map((end) => end.iterate.last)).toEqual([55, 55]);
});

test("an aborted signal ends the iteration with its reason", async () => {
  await expect(solve(method({ signal: AbortSignal.abort(new Error("enough")) }))).rejects.toThrow("enough");
});
