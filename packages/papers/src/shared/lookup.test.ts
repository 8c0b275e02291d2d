import { GradusError } from "gradus/check";
import { expect, test } from "vitest";
import { find } from "./lookup.ts";

const runs = [
  { problem: "digits", method: "sgd", loss: 0.5 },
  { problem: "digits", method: "adam", loss: 0.25 },
];

test("a record is found by all of its wanted values", () => {
  expect(find(runs, { method: "adam", problem: "digits" })).toBe(runs[1]);
  expect(find(runs, { problem: "digits" })).toBe(runs[0]);
});

test("values that no record has are an error that names them", () => {
  expect(() => find(runs, { problem: "mnist", method: "adam" })).toThrow(
    new GradusError('none of 2 records has {"problem":"mnist","method":"adam"}'),
  );
});
