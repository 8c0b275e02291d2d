import { iterates, type Method } from "gradus/iterate";
import { afterEach, expect, test, vi } from "vitest";
import type { Resumed } from "../experiment.ts";
import { type Timed, timed } from "./timed.ts";

/** Powers of two, up to 8; `closed` is told of the end. */
async function* doubling(resume?: Resumed, closed = () => {}): Method<Doubled> {
  try {
    yield* iterates(
      { start: () => 1, step: (x: number) => 2 * x, view: (x) => ({ x, done: x === 8 }) },
      { resume },
    );
  } finally {
    closed();
  }
}
type Doubled = { readonly iteration: number; readonly state: number; readonly x: number };

async function collect(method: Method<Timed<Doubled>>): Promise<Timed<Doubled>[]> {
  const all: Timed<Doubled>[] = [];
  for await (const iterate of method) all.push(iterate);
  return all;
}

afterEach(() => {
  vi.restoreAllMocks();
});

test("iterates come with the method's own time, without the caller's", async () => {
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => (now += 1000));
  const seen: number[] = [];
  for await (const { x, seconds } of timed(doubling)) {
    seen.push(x, seconds);
    now += 1e6;
  }
  // Two readings of the clock around each step, and those of the loop's own pace.
  const [, first, , second, , third, , fourth] = seen;
  expect(seen.filter((_, i) => i % 2 === 0)).toEqual([1, 2, 4, 8]);
  for (const step of [first, second - first, third - second, fourth - third]) {
    expect(step).toBeGreaterThanOrEqual(1);
    expect(step).toBeLessThan(1000);
  }
});

test("a method continued from an iterate has the time before it, and no more of its own", async () => {
  // Fractions of a millisecond, so that the loop never pauses, and sums are exact.
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => (now += 2 ** -20));
  const whole = await collect(timed(doubling));
  const [, { iteration, state }] = whole;
  expect(await collect(timed(doubling, structuredClone({ iteration, state })))).toEqual(whole.slice(1));
});

test("whoever stops asking ends the method", async () => {
  let ended = 0;
  const method = timed((resume) => doubling(resume, () => ended++));
  for await (const { x } of method) if (x === 2) break;
  expect(ended).toBe(1);
});
