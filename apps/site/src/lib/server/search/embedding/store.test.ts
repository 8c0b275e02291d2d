import { expect, test } from "vitest";
import { isOutdated, lacksIndex } from "./store.ts";

const createdAt = new Date("2025-12-01T00:00:00Z");
const later = (days: number) => new Date(createdAt.getTime() + days * 86_400_000);

test.each([
  [4900, 5000, false],
  [4900, 5001, true],
  [5001, 5600, false],
  [9000, 4000, false],
])("vectors made for %i papers lack an index for %i: %s", (papersCount, papers, lacks) =>
  expect(lacksIndex({ papersCount, createdAt }, papers)).toBe(lacks),
);

test.each([
  [1000, 1199, 6, false],
  [1000, 1200, 0, true],
  [1000, 1001, 7, true],
  [1000, 1000, 90, false],
])(
  "a model fitted to %i papers is outdated with %i after %i days: %s",
  (papersCount, papers, days, outdated) =>
    expect(isOutdated({ papersCount, createdAt }, papers, later(days))).toBe(outdated),
);
