import { expect, test } from "vitest";
import { timePair } from "./time.ts";

/** A clock that only the functions move. */
function clock() {
  let time = 0;
  const takes = (milliseconds: number) => () => {
    time += milliseconds;
  };
  return { now: () => time, takes };
}

test("each function has its own time", () => {
  const { now, takes } = clock();
  const [a, b] = timePair(takes(200), takes(3), { now });
  expect(a).toBeCloseTo(200, 9);
  expect(b).toBeCloseTo(3, 9);
});

test("calls shorter than the clock can tell are timed together", () => {
  const { now, takes } = clock();
  let steps = 0;
  const coarse = () => Math.floor(now() * 10) / 10;
  const call = takes(0.001);
  const counted = () => {
    steps += 1;
    call();
  };
  const [a] = timePair(counted, takes(1), { now: coarse, budgetMilliseconds: 100 });
  expect(a).toBeGreaterThan(0.0009);
  expect(a).toBeLessThan(0.0011);
  expect(steps).toBeGreaterThan(1000);
});

test("the least time counts: a pause of the machine does not", () => {
  const { now, takes } = clock();
  const durations = [5, 5, 50, 5, 60, 5];
  let at = 0;
  const varying = () => takes(durations[at++ % durations.length])();
  const [a] = timePair(varying, takes(1), { now, sampleMilliseconds: 1 });
  expect(a).toBe(5);
});
