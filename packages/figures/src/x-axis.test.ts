import * as fc from "fast-check";
import { expect, test } from "vitest";
import { position } from "./svg.ts";
import { barTicks, xAxisTicks } from "./x-axis.ts";

const textWidth = (text: string) => 7 * text.length;

test("labels below the axis neither meet nor leave the figure, and there are two at least", () => {
  fc.assert(
    fc.property(
      fc.double({ min: -1e5, max: 1e5, noNaN: true }),
      fc.double({ min: 1e-2, max: 1e6, noNaN: true }),
      fc.constantFrom(280, 377, 778),
      fc.integer({ min: 14, max: 120 }),
      (low, length, width, least) => {
        const domain = [low, low + length] as const;
        const axis = { domain, scale: "linear", whole: false, width, left: 40, textWidth } as const;
        const { ticks, margin } = xAxisTicks(axis, least);
        expect(margin).toBeGreaterThanOrEqual(least);
        expect(ticks.ticks.length).toBeGreaterThanOrEqual(2);
        const labels = ticks.ticks.map((value) => {
          const half = textWidth(ticks.text(value)) / 2;
          const middle = position(value, domain, [40, width - margin], "linear");
          return { from: middle - half, to: middle + half };
        });
        expect(labels[labels.length - 1].to).toBeLessThanOrEqual(width + 1e-6);
        // Three labels are drawn in whatever room.
        if (labels.length > 4)
          for (let i = 1; i < labels.length; i++) expect(labels[i].from).toBeGreaterThan(labels[i - 1].to);
      },
    ),
    { seed: 4 },
  );
});

test("a narrow axis around zero has labels on both sides, evenly spaced", () => {
  const axis = { scale: "linear", whole: false, left: 40, textWidth } as const;
  const labels = (end: number, width: number) => {
    const { ticks, text } = xAxisTicks({ ...axis, domain: [-end, end], width }, 14).ticks;
    return ticks.map(text);
  };
  expect(labels(0.0049, 240)).toEqual(["−0.004", "0", "0.004"]);
  expect(labels(0.0049, 377)).toEqual(["−0.004", "−0.002", "0", "0.002", "0.004"]);
  expect(labels(9.4, 240)).toEqual(["−5", "0", "5"]);
  expect(labels(1.7e308, 240)).toEqual(["−1e308", "0", "1e308"]);
});

test("an axis between neighboring numbers has a label", () => {
  const axis = { scale: "linear", whole: false, width: 240, left: 40, textWidth } as const;
  for (const low of [3, 1e300, 123_456_789]) {
    const high = low * (1 + Number.EPSILON);
    expect(xAxisTicks({ ...axis, domain: [low, high] }, 14).ticks.ticks.length).toBeGreaterThan(0);
  }
});

test("whole numbers have none between them", () => {
  const axis = { scale: "linear", whole: true, width: 778, left: 40, textWidth } as const;
  expect(xAxisTicks({ ...axis, domain: [1, 4] }, 14).ticks.ticks).toEqual([1, 2, 3, 4]);
  expect(xAxisTicks({ ...axis, domain: [0, 60_000], width: 377 }, 14).ticks.ticks).toEqual([
    0, 20_000, 40_000, 60_000,
  ]);
});

test("labels of a logarithmic axis do not meet", () => {
  fc.assert(
    fc.property(
      fc.double({ min: -6, max: 6, noNaN: true }),
      fc.double({ min: 0.3, max: 20, noNaN: true }),
      fc.integer({ min: 120, max: 778 }),
      (first, decades, width) => {
        const domain = [10 ** first, 10 ** (first + decades)] as const;
        const { ticks, margin } = xAxisTicks(
          { domain, scale: "log", whole: false, width, left: 40, textWidth },
          14,
        );
        expect(ticks.ticks.length).toBeGreaterThanOrEqual(1);
        let end = Number.NEGATIVE_INFINITY;
        for (const value of ticks.ticks) {
          const half = textWidth(ticks.text(value)) / 2;
          // The margin grows for the last label, which moves all of them by less than their gap.
          const middle = position(value, domain, [40, width - margin], "log");
          expect(middle - half).toBeGreaterThan(end - 1);
          end = middle + half;
        }
      },
    ),
    { seed: 6 },
  );
});

test("labels below lying bars do not meet on a phone, and are about five where there is room", () => {
  expect(barTicks("linear", [0, 0.051], 178, textWidth).ticks).toEqual([0, 0.02, 0.04]);
  expect(barTicks("linear", [0, 0.051], 600, textWidth).ticks).toBe(5);
  fc.assert(
    fc.property(
      fc.double({ min: 1e-3, max: 1e5, noNaN: true }),
      fc.integer({ min: 120, max: 300 }),
      (high, room) => {
        const { ticks, text } = barTicks("linear", [0, high], room, textWidth);
        if (typeof ticks === "number") return;
        const ends = ticks.map((value) => {
          const middle = position(value, [0, high], [0, room], "linear");
          const half = textWidth(text(value)) / 2;
          return [middle - half, middle + half];
        });
        for (let i = 1; i < ends.length; i++) expect(ends[i][0]).toBeGreaterThan(ends[i - 1][1]);
      },
    ),
    { seed: 7 },
  );
});
