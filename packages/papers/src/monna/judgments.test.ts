import { test } from "vitest";
import { expectDecisive } from "../paper-testing.ts";
import reduction from "./reduction.ts";

test("reduction: the coefficients against their bounds and their growth", () => {
  const sizes = [
    [200, 5],
    [26, 2],
    [60, 5],
    [110, 10],
  ];
  const results = (alpha: number, lambda: (ratio: number) => number) =>
    sizes.map(([nodes, faulty]) => ({ nodes, faulty, alpha, lambda: lambda(faulty / (nodes - faulty)) }));
  expectDecisive(
    reduction,
    { draws: 10, results: results(0.05, (ratio) => 3 * ratio) },
    { draws: 10, results: results(1, (ratio) => 3 * ratio) },
    { draws: 10, results: results(0.05, (ratio) => 1e5 * ratio ** 2) },
  );
});
