import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decayedScore, hotOf, hotWhenFeatured } from "./ranking.ts";

const EPOCH = new Date("2025-01-01T00:00:00Z");
const later = (hours: number) => new Date(EPOCH.getTime() + hours * 3_600_000);

test("a paper featured at the epoch has score 0, and each half-life of 48 h adds 1", () => {
  expect(hotWhenFeatured(EPOCH)).toBe(0);
  expect(hotWhenFeatured(new Date("2025-01-03T00:00:00Z"))).toBe(1);
  expect(hotWhenFeatured(new Date("2024-12-30T00:00:00Z"))).toBe(-1);
});

test("one second is enough to order two papers", () => {
  const first = hotWhenFeatured(new Date("2025-12-25T00:00:20Z"));
  expect(first).toBeGreaterThan(hotWhenFeatured(new Date("2025-12-25T00:00:19Z")));
});

describe("votes", () => {
  test("three votes at the epoch make 2; one vote 48 h later makes log2(3)", () => {
    const vote = { at: EPOCH, weight: 1 };
    expect(hotOf(EPOCH, [vote, vote, vote])).toBe(2);
    expect(hotOf(EPOCH, [{ at: later(48), weight: 1 }])).toBeCloseTo(Math.log2(3), 14);
    expect(hotOf(EPOCH, [{ at: later(48), weight: 0 }])).toBe(0);
  });

  test("doubling the mass of votes is worth two days, in any year", () => {
    for (const year of [2025, 2030, 2099]) {
      const at = new Date(`${year}-03-01T00:00:00Z`);
      const one = hotOf(at, [{ at, weight: 1 }]);
      const three = hotOf(
        at,
        [1, 2, 3].map(() => ({ at, weight: 1 })),
      );
      expect(three - one).toBeCloseTo(1, 9);
      expect(Number.isFinite(three)).toBe(true);
    }
  });

  const votes = fc.array(
    fc.record({
      at: fc.integer({ min: 0, max: 20_000 }).map(later),
      weight: fc.constantFrom(0, 1),
    }),
    { maxLength: 40 },
  );

  test("the order of two papers is the same now and a hundred days on", () => {
    fc.assert(
      fc.property(votes, votes, (a, b) => {
        const [hotA, hotB] = [hotOf(EPOCH, a), hotOf(later(24), b)];
        if (Math.abs(hotA - hotB) < 1e-9) return;
        const now = later(20_000);
        const then = later(20_000 + 2400);
        expect(decayedScore(hotA, now) > decayedScore(hotB, now)).toBe(hotA > hotB);
        expect(decayedScore(hotA, then) > decayedScore(hotB, then)).toBe(hotA > hotB);
      }),
      { seed: 6 },
    );
  });
});
