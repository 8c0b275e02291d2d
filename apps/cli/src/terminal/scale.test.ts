import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { linearScale, logScale, niceStep } from "./scale.ts";

fc.configureGlobal({ seed: 1, numRuns: 300 });

const labels = (scale: { ticks: readonly { label: string }[] }) => scale.ticks.map(({ label }) => label);

describe("niceStep", () => {
  it("is 1, 2 or 5 times a power of ten, within a factor of sqrt(10/4) of the requested count", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-9, max: 1e9, noNaN: true }),
        fc.integer({ min: 1, max: 20 }),
        (span, count) => {
          const step = niceStep(span, count);
          const lead = Number(step.toPrecision(12).replace(/[0.]|e.*/g, ""));
          expect([1, 2, 5]).toContain(lead);
          const ratio = span / count / step;
          expect(ratio).toBeGreaterThan(1 / Math.sqrt(2.5) - 1e-9);
          expect(ratio).toBeLessThan(Math.sqrt(2.5) + 1e-9);
        },
      ),
    );
  });
});

describe("linearScale", () => {
  it("maps the ends to 0 and 1, with round ticks between them", () => {
    const scale = linearScale([3, 47, Number.NaN], 5);
    expect([3, 25, 47].map(scale.position)).toEqual([0, 0.5, 1]);
    expect(labels(scale)).toEqual(["10", "20", "30", "40"]);
    expect(scale.position(Number.POSITIVE_INFINITY)).toBeNaN();
  });

  it("opens an interval around a single value", () => {
    expect(linearScale([2], 4).position(2)).toBe(0.5);
    expect(linearScale([0, 0], 4).position(0)).toBe(0.5);
    expect(linearScale([], 4).ticks.length).toBeGreaterThan(0);
  });

  it("distinguishes ticks that are close together and far from zero", () => {
    expect(labels(linearScale([1000.01, 1000.05], 4))).toEqual([
      "1000.01",
      "1000.02",
      "1000.03",
      "1000.04",
      "1000.05",
    ]);
  });
});

describe("logScale", () => {
  it("maps the geometric mean to the middle", () => {
    const scale = logScale([1e-6, 1e2], 4);
    expect(scale.position(1e-2)).toBeCloseTo(0.5, 12);
    expect(labels(scale)).toEqual(["1e-6", "1e-4", "0.01", "1", "100"]);
  });

  it("shows only positive values", () => {
    const scale = logScale([0, -1, 10, 1000], 4);
    expect(scale.position(0)).toBeNaN();
    expect(scale.position(-1)).toBeNaN();
    expect(scale.position(10)).toBe(0);
    expect(logScale([0], 4).ticks.length).toBeGreaterThan(0);
  });

  it("divides decades if there are few", () => {
    expect(labels(logScale([0.9, 30], 4))).toEqual(["1", "2", "5", "10", "20"]);
  });
});

it("has its ticks on the axis, in order, each labelled with its value", () => {
  const values = fc.array(fc.double({ min: 1e-12, max: 1e12, noNaN: true }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 12 }), (data, count) => {
      for (const scale of [linearScale(data, count), logScale(data, count)]) {
        const places = scale.ticks.map(({ value }) => scale.position(value));
        for (const [i, place] of places.entries()) {
          expect(place).toBeGreaterThan(-1e-5);
          expect(place).toBeLessThan(1 + 1e-5);
          if (i > 0) expect(place).toBeGreaterThan(places[i - 1]);
        }
        expect(new Set(labels(scale)).size).toBe(scale.ticks.length);
      }
    }),
  );
});
