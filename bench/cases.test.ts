import { expect, test } from "vitest";
import { cases } from "./cases.ts";

test("every case has a name of its own, and begins with gradus", () => {
  expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length);
  for (const { id, contenders } of cases) expect(`${id}: ${contenders[0].peer}`).toMatch(/: gradus(-host)?$/);
});

test("every budget is against another contender of its case", () => {
  for (const { id, contenders, budgets } of cases)
    for (const { of = contenders[0].label, against } of budgets) {
      const labels = contenders.map(({ label }) => label);
      expect(labels, id).toContain(of);
      expect(
        labels.filter((label) => label !== of),
        id,
      ).toContain(against);
    }
});
