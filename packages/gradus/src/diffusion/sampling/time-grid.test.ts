import { expect, test } from "vitest";
import { ArgumentError } from "../../check/errors.ts";
import { varianceExplodingProcess } from "../processes/brownian.ts";
import { timeGrid } from "./time-grid.ts";

const process = varianceExplodingProcess({ startTime: 0.25, endTime: 4 });

test("times descend from the end to the start by equal ratios or equal differences", () => {
  const [halves, differences] = [timeGrid(process, 4), timeGrid(process, 5, "uniform")];
  [4, 2, 1, 0.5, 0.25].forEach((time, k) => {
    expect(halves[k]).toBeCloseTo(time, 14);
  });
  [4, 3.25, 2.5, 1.75, 1, 0.25].forEach((time, k) => {
    expect(differences[k]).toBeCloseTo(time, 14);
  });
  expect([halves[0], halves[4], differences[5]]).toEqual([4, 0.25, 0.25]);
});

test("a window from 0 on, of which no ratio is made, and one in the other order are refused", () => {
  for (const wrong of [{ startTime: 0 }, { startTime: 8 }]) {
    expect(() => timeGrid({ ...process, ...wrong }, 4)).toThrow(ArgumentError);
    expect(() => timeGrid({ ...process, ...wrong }, 4)).toThrow("process.startTime and process.endTime");
  }
});
