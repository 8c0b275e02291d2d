import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomStream } from "../../random/stream.ts";
import { displacementAlong } from "../attack/displacement.ts";
import { geometryOf } from "../geometry.ts";
import { mixRound } from "../mixing.ts";
import { meanVector, squaredDistance } from "../vector.ts";
import { centeredClipping, selfCenteredClipping } from "./centered-clipping.ts";
import { geometricMedian, geometricMedianMixing } from "./geometric-median.ts";
import { nearestNeighborAverage, nearestNeighbors } from "./nearest-neighbors.ts";
import { plainMean } from "./plain-mean.ts";
import type { MixingRule } from "./rule.ts";
import { coordinateTrimmedMean, trimmedMean } from "./trimmed-mean.ts";

const vector = (...values: number[]) => Float64Array.from(values);

function cloud(seed: number, count: number, d: number): Float64Array[] {
  const stream = randomStream(seed);
  return Array.from({ length: count }, () => stream.fillNormal(new Float64Array(d)));
}

const rules: readonly [string, () => MixingRule][] = [
  ["nearest neighbors", nearestNeighbors],
  ["geometric median", () => geometricMedianMixing()],
  ["self-centered clipping", () => selfCenteredClipping({ radius: 1.5 })],
  ["trimmed mean", coordinateTrimmedMean],
  ["mean", plainMean],
];

describe("rules on models worked out by hand", () => {
  test("nearest-neighbor averaging keeps the nearest, of equally near ones the first", () => {
    const models = [vector(0), vector(1), vector(-1), vector(10)];
    expect([...nearestNeighborAverage(models, { pivot: models[0], keep: 3 })]).toEqual([0]);
    expect([...nearestNeighborAverage(models, { pivot: models[0], keep: 2 })]).toEqual([0.5]);
    expect([...nearestNeighborAverage(models, { pivot: vector(9), keep: 2 })]).toEqual([5.5]);
  });

  test("nearest-neighbor averaging never averages what is not finite", () => {
    const models = [vector(0), vector(Number.NaN), vector(2), vector(Number.POSITIVE_INFINITY)];
    expect([...nearestNeighborAverage(models, { pivot: models[0], keep: 2 })]).toEqual([1]);
  });

  test("the trimmed mean leaves out both ends of each coordinate", () => {
    const models = [vector(1, 9), vector(2, -5), vector(100, 2), vector(3, 4), vector(-50, 3)];
    expect([...trimmedMean(models, { trim: 1 })]).toEqual([2, 3]);
  });

  test("the geometric median of three points on a line is the middle one", () => {
    const models = [vector(0), vector(1), vector(10)];
    const median = geometricMedian(models, { iterations: 400, smoothing: 1e-9 });
    expect(median[0]).toBeCloseTo(1, 3);
  });

  test("the geometric median takes three steps from 0, with distances of at least 0.1", () => {
    const models = [0.05, 0.12, 1];
    let z = 0;
    for (let step = 0; step < 3; step++) {
      const weights = models.map((v) => 1 / Math.max(Math.abs(z - v), 0.1));
      z = models.reduce((sum, v, j) => sum + weights[j] * v, 0) / weights.reduce((a, b) => a + b);
    }
    const received = models.map((v) => vector(v));
    expect(geometricMedian(received)[0]).toBeCloseTo(z, 14);
    expect(geometricMedianMixing().mix(received, { own: 0, faulty: 0 })[0]).toBeCloseTo(z, 14);
  });

  // the corners of a square and one point far away: by symmetry the median is on the diagonal, where
  // sum (z - v_j) / |z - v_j| = 0
  test.each([1e-8, 1e-6, 1, 1e6, 1e8])("a relative floor gives the median in units of %d", (unit) => {
    const models = [vector(1, 0), vector(0, 1), vector(-1, 0), vector(0, -1), vector(900, 900)].map((v) =>
      v.map((value) => value * unit),
    );
    const options = { iterations: 200, relativeSmoothing: 1e-6 };
    const found = geometricMedian(models, options).map((value) => value / unit);
    const pull = [0, 0];
    for (const v of models) {
      const away = found.map((value, k) => value - v[k] / unit);
      for (const k of [0, 1]) pull[k] += away[k] / Math.hypot(...away);
    }
    expect(Math.hypot(...pull)).toBeLessThan(1e-6);
    const mixed = geometricMedianMixing(options).mix(models, { own: 0, faulty: 1 });
    expect(mixed.map((value) => value / unit)).toEqual(found);
    // most of the models at one point
    const most = [vector(3 * unit), vector(3 * unit), vector(3 * unit), vector(unit)];
    expect(geometricMedian(most, options)[0] / unit).toBeCloseTo(3, 12);
  });

  test("clipping shortens what is too far away", () => {
    // One iteration from 0: (1 + radius 2 in place of 10)/2.
    const models = [vector(1), vector(10)];
    expect([...centeredClipping(models, { center: vector(0), radius: 2, iterations: 1 })]).toEqual([1.5]);
  });
});

describe("all forms of a rule agree", () => {
  test.each(rules)("weights and walks give what mixing gives: %s", (_, make) => {
    const rule = make();
    const models = cloud(4, 9, 3);
    const geometry = geometryOf(models);
    const places = Int32Array.from([0, 2, 3, 4, 5, 7, 8]);
    const received = Array.from(places, (place) => models[place]);
    for (const [own, faulty] of [
      [0, 0],
      [2, 2],
      [6, 1],
    ]) {
      const expected = rule.mix(received, { own, faulty });
      const mixed = new Float64Array(3);
      if (rule.kind === "coordinate-wise") rule.mixAll(models, [{ models: places, own, faulty, mixed }]);
      else {
        const weights = new Float64Array(places.length);
        const { gram, squaredNorms } = geometry;
        rule.weights({ gram, size: 9, squaredNorms, models: places, own, faulty }, weights);
        weights.forEach((weight, a) => {
          for (let k = 0; k < 3; k++) mixed[k] += weight * received[a][k];
        });
      }
      for (let k = 0; k < 3; k++) expect(mixed[k]).toBeCloseTo(expected[k], 12);
    }
  });

  test("the trimmed mean counts a model as often as it was received, across either end", () => {
    const models = [vector(0, 3), vector(1, -2), vector(2, 5), vector(10, -7)];
    for (const places of [
      [0, 1, 2, 3, 3, 3],
      [0, 1, 2, 3, 3],
      [0, 0, 0, 0, 1, 2, 3],
    ])
      for (const faulty of [1, 2]) {
        const mixed = new Float64Array(2);
        coordinateTrimmedMean().mixAll(models, [{ models: Int32Array.from(places), own: 0, faulty, mixed }]);
        for (let k = 0; k < 2; k++) {
          const sorted = places.map((place) => models[place][k]).sort((a, b) => a - b);
          const kept = sorted.slice(faulty, sorted.length - faulty);
          expect(mixed[k]).toBeCloseTo(kept.reduce((sum, value) => sum + value, 0) / kept.length, 12);
        }
      }
  });

  test.each(rules)("what an attack expects is what it gets: %s", (_, make) => {
    const rule = make();
    const honest = cloud(7, 8, 4);
    const geometry = geometryOf(honest);
    const direction = randomStream(1).unitSphere(4);
    const faulty = 3;
    const displacement = displacementAlong(direction, { rule, geometry, faulty });
    for (const z of [0, 0.3, 1, 2.5, 40]) {
      const byzantine = geometry.mean.map((m, k) => m + z * direction[k]);
      const all = [...honest, byzantine, byzantine, byzantine];
      const mixed = honest.map((__, own) => rule.mix(all, { own, faulty }));
      const expected = squaredDistance(meanVector(mixed), geometry.mean);
      expect(Math.abs(displacement(z) - expected)).toBeLessThan(1e-10 * (1 + expected));
    }
  });
});

// models of 1e200 are finite, but not their squares: a faulty node could turn all others' models to NaN by them
test.each(
  rules
    .filter(([name]) => name !== "mean")
    .flatMap(([name, make]) =>
      [1e160, 1e300, Number.MAX_VALUE, -Number.MAX_VALUE].map((size) => [name, size, make] as const),
    ),
)("a round of %s is what its rule gives beside a faulty model of %d", async (_, size, make) => {
  const rule = make();
  const honest = cloud(4, 7, 3).map((model) => model.map((value) => 4 * value));
  const huge = vector(size, size, size);
  for (const sent of [
    [huge, huge],
    [huge, vector(1, 2, 3)],
  ]) {
    const late = honest.map(() => new Int32Array());
    const { rows } = await mixRound({ rule, faulty: 2, geometry: geometryOf(honest), sent, late });
    rows.forEach((row, own) => {
      const expected = rule.mix([...honest, ...sent], { own, faulty: 2 });
      expected.forEach((value, k) => {
        expect(Math.abs(value)).toBeLessThan(20);
        expect(row[k]).toBeCloseTo(value, 12);
      });
    });
  }
});

test("nearest-neighbor averaging commutes with shifts, positive scalings and rotations", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1000 }),
      fc.double({ min: 0.1, max: 10, noNaN: true }),
      (seed, scale) => {
        const d = 3;
        const models = cloud(seed, 8, d);
        const stream = randomStream(seed).split("motion");
        const [shift, rotation] = [stream.fillNormal(new Float64Array(d)), stream.orthogonal(d).values];
        const move = (x: ArrayLike<number>) =>
          shift.map((s, i) => {
            let sum = s;
            for (let k = 0; k < d; k++) sum += scale * rotation[i * d + k] * x[k];
            return sum;
          });
        const before = nearestNeighborAverage(models, { pivot: models[2], keep: 5 });
        const moved = models.map(move);
        const after = nearestNeighborAverage(moved, { pivot: moved[2], keep: 5 });
        move(before).forEach((value, k) => {
          expect(Math.abs(after[k] - value)).toBeLessThan(1e-10);
        });
      },
    ),
    { numRuns: 50, seed: 1 },
  );
});

test("bad input is named", () => {
  const models = [vector(0, 1), vector(2, 3), vector(4, 5)];
  expect(() => nearestNeighborAverage(models, { pivot: models[0], keep: 4 })).toThrow(
    "keep must be an integer from 1 to 3, got 4",
  );
  expect(() => nearestNeighborAverage(models, { pivot: models[0], keep: 0 })).toThrow("got 0");
  expect(() => nearestNeighborAverage([vector(1), vector(1, 2)], { pivot: vector(1), keep: 1 })).toThrow(
    "1 numbers in model 0 and 2 in model 1",
  );
  expect(() => nearestNeighborAverage(models, { pivot: vector(Number.NaN, 0), keep: 1 })).toThrow(
    "pivot must be finite, got NaN at index",
  );
  expect(() =>
    nearestNeighborAverage([vector(0), vector(Number.NaN)], { pivot: vector(0), keep: 2 }),
  ).toThrow("only 1 are finite");
  expect(() => trimmedMean(models, { trim: 2 })).toThrow("2 trim < 3");
  expect(() => geometricMedian(models, { smoothing: 0 })).toThrow("smoothing");
  expect(() => geometricMedian(models, { relativeSmoothing: -1 })).toThrow("relativeSmoothing");
  expect(() => geometricMedianMixing({ smoothing: 1, relativeSmoothing: 1 })).toThrow("cannot be combined");
  expect(() => centeredClipping(models, { center: models[0], radius: -1 })).toThrow("radius");
  expect(() => trimmedMean([], { trim: 0 })).toThrow("at least one row");
});

test("a model that is not finite is named, where the rule would average it", () => {
  const models = [vector(0, 1), vector(2, Number.NaN), vector(4, 5)];
  const named = "models[1] must be finite, got NaN at index 1";
  expect(() => geometricMedian(models)).toThrow(named);
  expect(() => trimmedMean(models, { trim: 1 })).toThrow(named);
  expect(() => centeredClipping(models, { center: models[0], radius: 1 })).toThrow(named);
  expect(() => centeredClipping(models.slice(0, 1), { center: models[1], radius: 1 })).toThrow("center");
});
