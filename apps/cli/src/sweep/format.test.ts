import { expect, test } from "vitest";
import { measureTitle } from "./format.ts";

test("a figure is named by its claim, or as our own check", () => {
  const measure = { label: "relative distance from n/(4ρ)", cells: [] };
  expect(measureTitle({ ...measure, claim: "C3" })).toMatch(/^C3 +relative distance/);
  expect(measureTitle({ ...measure, claim: null })).toMatch(/^our check: relative distance/);
});
