import { expect, test } from "vitest";
import { browserReport, median } from "./report.ts";

test("the middle of a list", () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2])]).toEqual([2, 2.5]);
});

test("a table shows each setting's share of the step without isolation", () => {
  const text = browserReport(
    [
      {
        model: "residual",
        runs: [
          { label: "isolated, 2 threads", steps: [60, 50, 55], first: [900, 800, 1000] },
          { label: "not isolated", steps: [100, 110, 120], first: [1000, 1000, 1000] },
        ],
      },
    ],
    {
      date: "2025-01-01",
      machine: { processor: "one", cores: 2, memoryGiB: 8, system: "Linux", node: "v24" },
      browser: "1",
      load: { before: 0, after: 1 },
      rounds: 3,
      seconds: 2,
    },
  );
  expect(text).toContain("| isolated, 2 threads | 55.0 ms | 0.50 | 900 ms |");
  expect(text).toContain("| not isolated | 110 ms | 1.00 | 1000 ms |");
});
