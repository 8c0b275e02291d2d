import { compile, f64 } from "@gradus/graph";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, DataError } from "../../check/errors.ts";
import { confusionMatrix } from "../../statistics/confusion-matrix.ts";
import { softConfusionMatrix } from "./soft-confusion-matrix.ts";

const p = Float64Array.of(0.3, 0.48, 0.55, 0.9);
const y = Float64Array.of(0, 1, 0, 1);

describe("softConfusionMatrix", () => {
  it("gives the worked example", () => {
    const at10 = softConfusionMatrix(p, y, { slope: 10 });
    expect(at10.tp).toBeCloseTo(1.43218, 6);
    expect(at10.fp).toBeCloseTo(0.741662, 6);
    expect(at10.fn).toBeCloseTo(0.56782, 6);
    expect(at10.tn).toBeCloseTo(1.258338, 6);
    const at73 = softConfusionMatrix(p, y);
    expect(at73.tp).toBeCloseTo(1.188467, 6);
    expect(at73.fp).toBeCloseTo(0.974668, 6);
    expect(at73.fn).toBeCloseTo(0.811533, 6);
    expect(at73.tn).toBeCloseTo(1.025332, 6);
    expect([at73.positives, at73.negatives]).toEqual([2, 2]);
  });

  it("is the hard matrix where no probability is near the threshold", () => {
    const far = fc.oneof(
      fc.double({ min: 0, max: 0.3, noNaN: true }),
      fc.double({ min: 0.7, max: 1, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(far, fc.constantFrom(0, 1)), { minLength: 1 }), (rows) => {
        const labels = rows.map(([, label]) => label);
        const soft = softConfusionMatrix(
          Float64Array.from(rows, ([q]) => q),
          labels,
        );
        const hard = confusionMatrix(
          labels,
          rows.map(([q]) => (q > 0.5 ? 1 : 0)),
        );
        for (const count of ["tp", "fp", "fn", "tn"] as const)
          expect(Math.abs(soft[count] - hard[count])).toBeLessThanOrEqual(1e-6 * rows.length);
      }),
      { seed: 17, numRuns: 200 },
    );
  });

  it("keeps every count positive, however sure the wrong decisions are", () => {
    const { tn, tp } = softConfusionMatrix(Float64Array.of(1, 0), [0, 1]);
    expect(tn).toBeGreaterThan(0);
    expect(tp).toBeGreaterThan(0);
  });

  it("gives tensors the same counts as arrays, with and without weights", async () => {
    const weights = Float64Array.of(0.5, 2, 0, 3);
    using program = await compile(
      (inputs) => ({
        plain: softConfusionMatrix(inputs.p, inputs.y, { slope: 12, threshold: 0.4 }),
        weighted: softConfusionMatrix(inputs.p, inputs.y, { weights: inputs.weights }),
      }),
      { p: f64("n"), y: f64("n"), weights: f64("n") },
    );
    const { plain, weighted } = await program.run({ p, y, weights });
    const expected = {
      plain: softConfusionMatrix(p, y, { slope: 12, threshold: 0.4 }),
      weighted: softConfusionMatrix(p, y, { weights }),
    };
    for (const count of ["tp", "fp", "fn", "tn", "positives", "negatives"] as const) {
      expect(plain[count].data[0]).toBeCloseTo(expected.plain[count], 12);
      expect(weighted[count].data[0]).toBeCloseTo(expected.weighted[count], 12);
    }
    expect(expected.weighted.positives).toBe(5);
  });

  it("makes one matrix a column with the macro reduction", async () => {
    using program = await compile(
      (inputs) => softConfusionMatrix(inputs.p, inputs.y, { reduction: "macro" }),
      { p: f64("n", 2), y: f64("n", 2) },
    );
    const columns = await program.run({ p, y: Float64Array.of(0, 1, 0, 0) });
    const first = softConfusionMatrix(Float64Array.of(0.3, 0.55), [0, 0]);
    const second = softConfusionMatrix(Float64Array.of(0.48, 0.9), [1, 0]);
    for (const count of ["tp", "fp", "fn", "tn"] as const) {
      expect(columns[count].data[0]).toBeCloseTo(first[count], 12);
      expect(columns[count].data[1]).toBeCloseTo(second[count], 12);
    }
  });

  it("names the row, or the length, that is wrong", () => {
    expect(() => softConfusionMatrix(p, [0, 1, 2, 1])).toThrow(
      new DataError("labels must be 0 or 1, got 2 in row 2"),
    );
    expect(() => softConfusionMatrix(p, [1, -1, 1, 1])).toThrow("map labels -1 and 1 by (y + 1) / 2");
    expect(() => softConfusionMatrix(p, [1, 0])).toThrow(ArgumentError);
    expect(() => softConfusionMatrix(Float64Array.of(0.5, 1.5), [0, 1])).toThrow(
      "probabilities must be in [0, 1], got 1.5 in row 1",
    );
    expect(() => softConfusionMatrix(Float64Array.of(Number.NaN, 0.5), [0, 1])).toThrow("got NaN in row 0");
    expect(() => softConfusionMatrix(p, y, { weights: [1, -1, 1, 1] })).toThrow("got -1 in row 1");
    expect(() => softConfusionMatrix(p, y, { weights: [1] })).toThrow("weights must have one number");
  });
});
