import { expect, test } from "vitest";
import { scaleAdvice } from "./scale-advice.ts";

const found = { loss: 2e12, constantLoss: 1e12, isNoBetter: true, columns: [] };

test("names the columns and the target that are of unusual size", () => {
  const column = (n: number) => ({ input: "x", column: n, rootMeanSquare: 300.5 });
  const advice = scaleAdvice({ ...found, columns: [column(2)], targetDeviation: 1e6 });
  expect(advice).toContain("The model is no better than the same prediction for every row: a loss of 2e12");
  expect(advice).toContain(
    "which --mean and --std bring to about 1: column 2 of x 300.5. The target's standard",
  );
  const long = scaleAdvice({ ...found, columns: [1, 2, 3, 4, 5].map(column) });
  expect(long).toContain("column 4 of x 300.5, ….");
  expect(long).not.toContain("column 5");
});

test("where nothing is of unusual size, says to train longer", () => {
  expect(scaleAdvice({ ...found, isNoBetter: false })).toContain("is hardly better");
  expect(scaleAdvice(found)).toContain("for more --epochs");
});
