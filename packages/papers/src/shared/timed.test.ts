import type { Iterate, Method } from "gradus/iterate";
import { expect, test } from "vitest";
import { timed } from "./timed.ts";

/** Iterates 0 to 2; `closed` is told of the end. */
async function* counting(closed: () => void): Method<Iterate> {
  try {
    for (let iteration = 0; iteration < 3; iteration++)
      yield { iteration, state: iteration, done: iteration === 2 };
  } finally {
    closed();
  }
}

test("every iterate comes with a time that never falls", async () => {
  const seen: number[] = [];
  let before = 0;
  for await (const { iterate, seconds } of timed(counting(() => {}))) {
    seen.push(iterate.iteration);
    expect(seconds).toBeGreaterThanOrEqual(before);
    before = seconds;
  }
  expect(seen).toEqual([0, 1, 2]);
});

test("whoever stops asking ends the method", async () => {
  let ended = 0;
  for await (const { iterate } of timed(counting(() => ended++))) if (iterate.iteration === 1) break;
  expect(ended).toBe(1);
});
