import { expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import { parseCheckpoint, serializeCheckpoint } from "../iterate/checkpoint.ts";
import { type Iterate, iterates, type MethodOptions, solve } from "../iterate/iterate.ts";
import { type EarlyStoppingState, stopEarly } from "./stop-early.ts";

/** A method whose iterate i measures values[i]. */
const measuring = (values: readonly (number | undefined)[], options: MethodOptions<number> = {}) =>
  iterates(
    {
      start: () => 0,
      step: (i: number) => i + 1,
      view: (i) => ({ value: values[i], done: i === values.length - 1 }),
    },
    options,
  );
const monitor = ({ value }: { readonly value: number | undefined }) => value;

test.each([
  ["stops `patience` measurements after the best", { patience: 2 }, [5, 3, 4, 3, 1], 3, 1],
  ["starts to wait anew with each improvement", { patience: 2 }, [5, 6, 4, 6, 3, 6, 6, 0], 6, 4],
  ["does not count a change that is too small", { patience: 2, minimalChange: 0.5 }, [5, 4.8, 4.6, 1], 2, 0],
  [
    "adds up changes that are too small",
    { patience: 3, minimalChange: 0.5 },
    [5, 4.7, 4.4, 4.4, 4.4, 4.4],
    5,
    2,
  ],
  ["can look for the largest", { patience: 1, mode: "max" }, [1, 2, 3, 3, 9], 3, 2],
  [
    "does not count iterates without a measurement",
    { patience: 2 },
    [5, undefined, 6, undefined, 6, 1],
    4,
    0,
  ],
  ["lets a method end that improves to its end", { patience: 1 }, [3, 2, 1], 2, 2],
] as const)("%s", async (_, options, values, last, best) => {
  const { iterate } = await solve(stopEarly(measuring(values), { monitor, ...options }));
  expect(iterate.iteration).toBe(last);
  expect(iterate.done).toBe(true);
  expect(iterate.stoppedEarly).toBe(last < values.length - 1 || best < last);
  expect(iterate.best).toMatchObject({ value: values[best], iterate: { iteration: best, state: best } });
});

test("resumes with its count and its best iterate from any iterate, through text", async () => {
  const values = [5, 3, 4, 2, 6, 7, 8, 9];
  type Inner = Iterate<number> & { readonly value: number | undefined };
  const run = (resume?: { readonly state: EarlyStoppingState<Inner> }) =>
    stopEarly<Inner>(measuring(values, { resume: resume?.state.method }), { monitor, patience: 3, resume });
  const straight: unknown[] = [];
  for await (const iterate of run()) straight.push(iterate);
  expect(straight).toHaveLength(7);
  for (let stop = 0; stop < straight.length; stop++) {
    const { iterate } = await solve(run(), { maxIterations: stop });
    const stored = parseCheckpoint(serializeCheckpoint(iterate)) as Parameters<typeof run>[0];
    const rest: unknown[] = [];
    for await (const next of run(stored)) rest.push(next);
    expect(rest).toStrictEqual(straight.slice(stop));
  }
});

test("keeps of the best iterate what it is told to, and ends at the same one", async () => {
  const keep = (iterate: Iterate<number> & { readonly value: number | undefined }) => ({
    ...iterate,
    state: -1,
  });
  const { iterate } = await solve(stopEarly(measuring([5, 3, 4, 6]), { monitor, patience: 2, keep }));
  expect(iterate.best).toMatchObject({ value: 3, iterate: { iteration: 1, state: -1 } });
  expect(iterate.state.method).toEqual({ iteration: 3, state: 3 });
});

test("refuses what it cannot wait for", async () => {
  await expect(solve(stopEarly(measuring([1]), { monitor, patience: 0 }))).rejects.toThrow(
    /patience must be .* got 0/,
  );
  await expect(solve(stopEarly(measuring([1]), { monitor, patience: 1, minimalChange: -1 }))).rejects.toThrow(
    /minimalChange/,
  );
  await expect(solve(stopEarly(measuring([Number.NaN]), { monitor, patience: 1 }))).rejects.toThrow(
    ArgumentError,
  );
});

test("does not wait forever for a measurement that never comes", async () => {
  const endless = () => iterates({ start: () => 0, step: (i: number) => i + 1, view: (i) => ({ i }) });
  await expect(solve(stopEarly(endless(), { monitor: () => undefined, patience: 2 }))).rejects.toThrow(
    "monitor must return a number for some iterate, got undefined for the first 10000",
  );
  const late = ({ i }: { readonly i: number }) => (i === 10_000 ? 1 : i > 10_000 ? 2 : undefined);
  const { iterate } = await solve(stopEarly(endless(), { monitor: late, patience: 2 }));
  expect(iterate).toMatchObject({ i: 10_002, stoppedEarly: true, best: { value: 1 } });
});

test("a mode, a monitor or an iterate of another kind is refused by name", async () => {
  const given = { monitor, patience: 1 };
  const run = (options: object) => solve(stopEarly(measuring([3, 2]), Object.assign({ ...given }, options)));
  await expect(run({ mode: "maximum" })).rejects.toThrow('mode must be "min" or "max", got "maximum"');
  await expect(run({ monitor: "value" })).rejects.toThrow('monitor must be a function, got "value"');
  // a promise is neither smaller nor larger than a number: training would end early without a reason
  await expect(run({ monitor: async () => 1 })).rejects.toThrow(
    "monitor must return a number or undefined, got an object of class Promise",
  );
  await expect(run({ resume: {} })).rejects.toThrow("resume.state.method must be there");
  await expect(run({ resume: { state: { x: 1 } } })).rejects.toThrow(
    "resume.state.method must be there as serializeCheckpoint keeps it, got undefined",
  );
});
