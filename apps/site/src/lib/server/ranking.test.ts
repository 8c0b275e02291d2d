import { expect, test } from "vitest";
import { hotWhenFeatured } from "./ranking.ts";

test("a paper featured at the epoch has score 0, and each half-life of 48 h adds 1", () => {
  expect(hotWhenFeatured(new Date("2025-01-01T00:00:00Z"))).toBe(0);
  expect(hotWhenFeatured(new Date("2025-01-03T00:00:00Z"))).toBe(1);
  expect(hotWhenFeatured(new Date("2024-12-30T00:00:00Z"))).toBe(-1);
});

test("one second is enough to order two papers", () => {
  const first = hotWhenFeatured(new Date("2025-12-25T00:00:20Z"));
  expect(first).toBeGreaterThan(hotWhenFeatured(new Date("2025-12-25T00:00:19Z")));
});
