import { expect, test } from "vitest";
import { serializeCheckpoint } from "./checkpoint.ts";
import { iterates, type MethodOptions, solve } from "./iterate.ts";
import { iteratesInPlace } from "./iterate-in-place.ts";

interface State {
  x: Float64Array;
  inner: { count: number };
}
const stepper = {
  fields: { x: 2, inner: undefined },
  start: (): State => ({ x: Float64Array.of(1, 2), inner: { count: 0 } }),
  view: ({ x }: State) => ({ sum: x[0] + x[1] }),
};
const methods = {
  iterates: (options: MethodOptions<State>) => iterates({ ...stepper, step: (state) => state }, options),
  iteratesInPlace: (options: MethodOptions<State>) =>
    iteratesInPlace({ ...stepper, advance() {}, copy: structuredClone, lazy: {} }, options),
};
const good = { iteration: 1, state: stepper.start() };

test.each(Object.entries(methods))(
  "%s says what is wrong with what it shall resume from",
  async (_, method) => {
    const run = (resume: unknown) => solve(method({ resume: resume as typeof good }), { maxIterations: 2 });
    for (const none of [3, null, {}]) await expect(run(none)).rejects.toThrow(/^resume.* must /);
    await expect(run({ ...good, iteration: -1 })).rejects.toThrow(
      "resume.iteration must be a non-negative integer, got -1",
    );
    await expect(run({ ...good, iteration: "1" })).rejects.toThrow('got "1"');
    await expect(run({ iteration: 1 })).rejects.toThrow(
      "resume.state.x must be of length 2 as serializeCheckpoint keeps it, got undefined",
    );
    await expect(run({ iteration: 1, state: { x: good.state.x } })).rejects.toThrow(
      "resume.state.inner must be there as serializeCheckpoint keeps it, got undefined",
    );
    await expect(run({ iteration: 1, state: { ...good.state, x: new Float64Array(3) } })).rejects.toThrow(
      "resume.state.x must be of length 2 as serializeCheckpoint keeps it, got Float64Array of length 3",
    );
    expect((await run(good)).iterate.sum).toBe(3);
  },
);

test.each(Object.entries(methods))("%s tells of a state that JSON has spoilt", async (_, method) => {
  const spoilt = JSON.parse(JSON.stringify(good));
  await expect(solve(method({ resume: spoilt }))).rejects.toThrow(
    "resume.state.x must be of length 2 as serializeCheckpoint keeps it, got an object with keys 0, 1",
  );
  expect(serializeCheckpoint(good)).not.toContain('"0"');
});

test.each(Object.entries(methods))("%s refuses a signal that is none", async (_, method) => {
  const signal = JSON.parse("{}");
  await expect(solve(method({ signal }))).rejects.toThrow("signal must be an AbortSignal");
});
