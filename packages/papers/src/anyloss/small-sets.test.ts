import { expect, test } from "vitest";
import { smallTasks } from "./small-sets.ts";

test("the twenty tasks have the sizes and positives of scikit-learn's sets", async () => {
  const tasks = await smallTasks({ allDigits: true });
  const counts = tasks.map(({ x, y }) => {
    expect(x.values).toHaveLength(x.rows * x.columns);
    expect(y).toHaveLength(x.rows);
    return [x.rows, y.reduce((total, label) => total + label, 0)];
  });
  expect(counts).toStrictEqual([
    [569, 212],
    [393, 36],
    [178, 59],
    [178, 71],
    [178, 48],
    [150, 50],
    [150, 50],
    // Values above 265, 232 and 180, each of which stands on both sides of its quantile's place.
    [442, 44],
    [442, 88],
    [442, 154],
    ...[178, 182, 177, 183, 181, 182, 181, 179, 174, 180].map((positives) => [1797, positives]),
  ]);
  expect(new Set(tasks.map(({ name }) => name)).size).toBe(20);
});

test("a quick run takes two digits", async () => {
  const tasks = await smallTasks({ allDigits: false });
  expect(tasks).toHaveLength(12);
  expect(tasks.slice(-2).map(({ name }) => name)).toStrictEqual(["digits: 3", "digits: 8"]);
});
