import { expect, test } from "vitest";
import { hardlyWords } from "./hardly-words.ts";

const found = { loss: 2e12, constantLoss: 1e12, isNoBetter: true, columns: [] };
const column = (n: number) => ({ input: "x", column: n, rootMeanSquare: 300.5 });

test("names what is of unusual size", () => {
  expect(hardlyWords({ ...found, columns: [column(2)], targetDeviation: 1e6 })).toBe(
    "The model is no better than the same prediction for every row: a loss of 2e12 against 1e12. Inputs have unusual root mean squares: column 2 of x 300.5. Standardize these columns in the file. The target’s standard deviation is 1e6: divide the target by it.",
  );
  expect(hardlyWords({ ...found, columns: [1, 2, 3, 4, 5].map(column) })).toContain(
    "column 4 of x 300.5, …. Standardize",
  );
  expect(hardlyWords({ ...found, columns: [1, 2, 3, 4].map(column) })).toContain(
    "column 4 of x 300.5. Standardize",
  );
});

test("says to train longer where nothing is", () => {
  expect(hardlyWords({ ...found, loss: 0.999e12, isNoBetter: false })).toBe(
    "The model is hardly better than the same prediction for every row: a loss of 9.99e11 against 1e12. Train for more epochs, or with another learning rate.",
  );
});
