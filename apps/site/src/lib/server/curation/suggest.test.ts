import fc from "fast-check";
import { expect, test } from "vitest";
import { affinity, type Candidate, SUGGESTED, suggest } from "./suggest.ts";

const near = (arxivId: string, cosine: number, votes = 0) => ({ arxivId, title: arxivId, cosine, votes });

test("affinity is the cosine without votes, and doubles with the first vote", () => {
  expect(affinity([])).toBe(0);
  expect(affinity([near("a", 0.5)])).toBe(0.5);
  expect(affinity([near("a", 0.5, 1)])).toBe(1);
  expect(affinity([near("a", 0.5, 3), near("b", 0.25)])).toBe(1.75);
});

test("of two that are near the same paper one is suggested, and none that cannot be featured", () => {
  const candidates = [
    { arxivId: "1", near: [near("a", 0.4)], eligible: true },
    { arxivId: "2", near: [near("a", 0.5)], eligible: true },
    { arxivId: "3", near: [near("b", 0.9)], eligible: false },
    { arxivId: "4", near: [], eligible: true },
    { arxivId: "5", near: [near("c", 0.1, 7)], eligible: true },
  ];
  const { suggested, others } = suggest(candidates);
  expect(suggested.map(({ arxivId }) => arxivId)).toEqual(["2", "5"]);
  expect(others.map(({ arxivId }) => arxivId)).toEqual(["3", "1", "4"]);
});

test("every paper is in one of the two lists, whatever order they come in", () => {
  const candidate: fc.Arbitrary<Omit<Candidate, "arxivId">> = fc.record({
    near: fc.array(
      fc.record({
        arxivId: fc.constantFrom(..."abcdefghijklmnop"),
        title: fc.string(),
        cosine: fc.double({ min: 0.08, max: 1, noNaN: true }),
        votes: fc.nat(1000),
      }),
      { maxLength: 3 },
    ),
    eligible: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(candidate, { maxLength: 60 }), fc.integer(), (drawn, seed) => {
      const candidates = drawn.map((one, i) => ({ ...one, arxivId: String(1000 + i) }));
      const shuffled = candidates.toSorted(
        (a, b) => ((Number(a.arxivId) * 7919 + seed) % 97) - ((Number(b.arxivId) * 7919 + seed) % 97),
      );
      const { suggested, others } = suggest(candidates);
      expect(suggest(shuffled)).toEqual({ suggested, others });
      expect([...suggested, ...others].map(({ arxivId }) => arxivId).sort()).toEqual(
        candidates.map(({ arxivId }) => arxivId),
      );
      expect(suggested.length).toBeLessThanOrEqual(SUGGESTED);
      expect(new Set(suggested.map(({ near: [first] }) => first.arxivId)).size).toBe(suggested.length);
      expect(suggested.every(({ eligible }) => eligible)).toBe(true);
    }),
  );
});
