import * as fc from "fast-check";
import { expect, test } from "vitest";
import { stripLayout } from "./seed-strip.ts";

test("the wanted side is the condition's, and a dot lies on it exactly when it meets the condition", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 20 }),
      fc.double({ min: -1e3, max: 1e3, noNaN: true }),
      (measured, bound) => {
        const { dots, wanted, lines } = stripLayout({ atLeast: bound }, measured);
        expect(lines).toEqual([{ place: wanted[0], value: bound }]);
        expect(wanted[1]).toBe(1);
        measured.forEach((value, i) => {
          const at = dots[i] ?? Number.NaN;
          expect(at).toBeGreaterThanOrEqual(0);
          expect(at).toBeLessThanOrEqual(1);
          if (value > bound) expect(at).toBeGreaterThanOrEqual(wanted[0]);
          if (value < bound) expect(at).toBeLessThanOrEqual(wanted[0]);
        });
      },
    ),
    { seed: 1 },
  );
});

test("figures further apart than the largest number are laid out as smaller ones", () => {
  const { dots } = stripLayout({ atMost: 0 }, [-1.6e308, 0, 0.8e308, 1.6e308]);
  const smaller = stripLayout({ atMost: 0 }, [-1.6, 0, 0.8, 1.6]).dots;
  expect(smaller).toHaveLength(4);
  smaller.forEach((place, i) => {
    expect(dots[i]).toBeCloseTo(place ?? Number.NaN, 12);
  });
});

test("positive figures over decades are laid out by their logarithms", () => {
  const { dots, wanted } = stripLayout({ atMost: 1 }, [1e-4, 1e-2, 1]);
  expect(dots[1]).toBeCloseTo(0.5, 12);
  expect(wanted).toEqual([0, dots[2]]);
});

test("both bounds of an interval are drawn, one of an equality; infinity lies at an end, NaN has no place", () => {
  expect(stripLayout({ between: [1, 3] }, [2]).lines).toHaveLength(2);
  expect(stripLayout({ equals: 3 }, [3, 3])).toMatchObject({
    dots: [0.5, 0.5],
    lines: [{ place: 0.5, value: 3 }],
  });
  expect(stripLayout({ atMost: 1 }, [Number.NaN, 0], [Number.POSITIVE_INFINITY])).toMatchObject({
    dots: [undefined, expect.any(Number)],
    own: [0.98],
  });
  const ends = [Number.NEGATIVE_INFINITY, 1, 2, Number.POSITIVE_INFINITY];
  const { dots } = stripLayout({ atMost: 2 }, ends);
  expect(dots[0]).toBe(0.02);
  expect(dots[3]).toBe(0.98);
  expect(stripLayout({ atMost: 2 }, [1, 2]).dots).toEqual(dots.slice(1, 3));
});

test("what other readers sent moves no official dot, and lies at the edge where it is far out", () => {
  const [alone, beside] = [
    stripLayout({ atMost: 4 }, [1, 2, 3]),
    stripLayout({ atMost: 4 }, [1, 2, 3], [], [2, 1e300, -1e300, Number.NaN]),
  ];
  expect(beside.dots).toEqual(alone.dots);
  expect(beside.lines).toEqual(alone.lines);
  expect(beside.readers).toEqual([alone.dots[1], 0.98, 0.02, undefined]);
  // On a scale of logarithms there is no place for what is below zero.
  expect(stripLayout({ atMost: 1 }, [1e-4, 1], [], [-1, 0]).readers).toEqual([undefined, 0.02]);
});
