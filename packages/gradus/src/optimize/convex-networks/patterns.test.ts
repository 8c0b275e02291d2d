import fc from "fast-check";
import { expect, test } from "vitest";
import { ArgumentError } from "../../check/errors.ts";
import { enumeratePatterns, mostPatterns, patternsOfDirections, samplePatterns } from "./patterns.ts";
import { formulaMatrix, normalRows } from "./test-support.ts";

const masksOf = ({ masks, count, rows }: { masks: Uint8Array; count: number; rows: number }) =>
  Array.from({ length: count }, (_, i) => masks.slice(i * rows, (i + 1) * rows).join(""));

test("the lines of n rows in general position cut the plane into 2n cells", () => {
  for (let n = 1; n <= 20; n++) {
    const { x } = normalRows(n, 2, n);
    const patterns = enumeratePatterns(x);
    // the pattern without an active row is left out where it exists
    expect([2 * n, 2 * n - 1]).toContain(patterns.count);
    expect(new Set(masksOf(patterns)).size).toBe(patterns.count);
    expect(patterns.complete).toBe(true);
  }
});

test("every pattern of a random direction is among the enumerated ones", () => {
  fc.assert(
    fc.property(fc.nat(1000), fc.integer({ min: 1, max: 2 }), (seed, d) => {
      const { x } = normalRows(7, d, seed);
      const all = new Set(masksOf(enumeratePatterns(x)));
      const { x: directions } = normalRows(50, d, seed + 1);
      for (const mask of masksOf(patternsOfDirections(x, directions))) expect(all).toContain(mask);
    }),
    { numRuns: 50 },
  );
});

test("directions show their patterns; duplicate and zero rows do no harm", () => {
  const x = formulaMatrix(6, 2, (i, j) => (i === 3 ? 0 : i === 5 ? 1 + j : Math.sin(3 * i + j)));
  const twice = { ...x, values: x.values.slice() };
  twice.values.set(x.values.subarray(0, 2), 10);
  const { count, masks, directions } = enumeratePatterns(twice);
  for (let i = 0; i < count; i++)
    for (let k = 0; k < 6; k++) {
      const input =
        twice.values[2 * k] * directions.values[2 * i] +
        twice.values[2 * k + 1] * directions.values[2 * i + 1];
      expect(masks[6 * i + k]).toBe(input >= 0 ? 1 : 0);
    }
});

test("sampled patterns are distinct, nested as their number grows, and the same for a seed", () => {
  const { x } = normalRows(30, 4, 1);
  const few = masksOf(samplePatterns(x, { count: 10, seed: 3 }));
  const many = masksOf(samplePatterns(x, { count: 40, seed: 3 }));
  expect(many.slice(0, 10)).toEqual(few);
  expect(new Set(many).size).toBe(40);
  expect(masksOf(samplePatterns(x, { count: 10, seed: 4 }))).not.toEqual(few);
});

test("with a perturbation the pattern of all rows comes first", () => {
  const { x } = normalRows(20, 3, 2);
  const perturbation = { epsilon: 0.1, perturbed: [true, true, false] };
  const patterns = samplePatterns(x, { count: 12, perturbation });
  expect(masksOf(patterns)[0]).toBe("1".repeat(20));
});

test.each([
  [1, 1, 2],
  [5, 1, 2],
  [5, 2, 10],
  [4, 3, 14],
  [3, 7, 8],
])("%i rows of %i columns have at most %i patterns", (rows, columns, most) => {
  expect(mostPatterns(rows, columns)).toBe(most);
  // All but the one without an active row.
  const { x } = normalRows(rows, columns, 5);
  expect(samplePatterns(x, { count: most - 1 }).count).toBe(most - 1);
});

test("what cannot be is refused", () => {
  const { x } = normalRows(4, 2, 1);
  expect(() => samplePatterns(x, { count: 9 })).toThrow(ArgumentError);
  expect(() => samplePatterns(x, { count: 9 })).toThrow(
    "count must be at most the number of patterns that exist, got 9; 4 rows of 2 columns have at most 8",
  );
  // Rows in one line have fewer patterns than rows in general.
  const line = { rows: 3, columns: 2, values: Float64Array.of(1, 0, 2, 0, -1, 0) };
  expect(() => samplePatterns(line, { count: 4 })).toThrow("got 4; 2 were found");
  expect(() => samplePatterns(x, { count: 0 })).toThrow("count must be a positive integer, got 0");
  expect(() =>
    samplePatterns(x, { count: 2, perturbation: { epsilon: -1, perturbed: [true, true] } }),
  ).toThrow("epsilon must be a non-negative number, got -1");
  expect(() => samplePatterns(x, { count: 2, perturbation: { epsilon: 1, perturbed: [true] } })).toThrow(
    "perturbed must have 2 entries, one a column of the design, got 1",
  );
  expect(() => enumeratePatterns(normalRows(4, 3, 1).x)).toThrow("1 or 2 columns");
  expect(() => patternsOfDirections(x, normalRows(2, 3, 1).x)).toThrow(
    "directions must have 2 columns, got 3",
  );
  expect(() => enumeratePatterns({ rows: 1, columns: 1, values: Float64Array.of(Number.NaN) })).toThrow(
    "design must be finite, got NaN in row 0, column 0",
  );
});
