import { describe, expect, test } from "vitest";
import { ArgumentError } from "../../check/errors.ts";
import { solve } from "../../iterate/iterate.ts";
import { softmaxCurvature } from "../../losses/output-curvature.ts";
import { localHessianVariance } from "../batch/hessian-variance.ts";
import { lossHessianOperator } from "../operators/hessian.ts";
import { exactSpectrum, symmetricMatrix } from "../spectrum/symmetric-matrix.ts";
import { classifier } from "../test-problem.ts";
import { groupTraces } from "./group-traces.ts";
import { modelCurvature } from "./model-curvature.ts";
import { parameterGroups } from "./parameter-groups.ts";
import { measureSpectrum, type SpectrumReport } from "./spectrum-report.ts";

const problem = classifier({ rows: 24 });

describe("the traces of groups", () => {
  test("are those of the written-out blocks within their errors, and their shares sum to 1", async () => {
    using H = await lossHessianOperator(problem);
    const n = H.rows;
    const { values: matrix } = await symmetricMatrix(H);
    const groups = parameterGroups(H.layout.slots);
    expect(groups.map(({ path }) => path)).toEqual(["layers.0", "layers.1"]);
    const { iterate } = await solve(groupTraces(H, groups, { probes: 200, seed: 2 }));
    const exact = groups.map(({ slots }) => {
      let trace = 0;
      for (const { start, length } of slots)
        for (let i = start; i < start + length; i++) trace += matrix[i * (n + 1)];
      return trace;
    });
    const whole = exact[0] + exact[1];
    iterate.groups.forEach(({ trace, share }, g) => {
      expect(Math.abs(trace.value - exact[g])).toBeLessThan(4 * trace.standardError);
      expect(Math.abs(share.value - exact[g] / whole)).toBeLessThan(4 * share.standardError);
      expect(share.standardError).toBeLessThan(0.1);
    });
    expect(iterate.groups.reduce((sum, { share }) => sum + share.value, 0)).toBeCloseTo(1, 13);
    expect(iterate.groups.reduce((sum, { trace }) => sum + trace.value, 0)).toBeCloseTo(
      iterate.trace.value,
      12,
    );
  });

  test("resume bit for bit, and refuse groups that are not there", async () => {
    const A = {
      rows: 2,
      columns: 2,
      symmetric: true,
      apply(x: Float64Array, out: Float64Array) {
        out[0] = 2 * x[0] + x[1];
        out[1] = x[0] + 3 * x[1];
      },
    };
    const groups = parameterGroups([
      { path: "a", start: 0, length: 1 },
      { path: "b", start: 1, length: 1 },
    ]);
    const whole = await solve(groupTraces(A, groups, { probes: 6 }));
    const half = await solve(groupTraces(A, groups, { probes: 2 }));
    const resumed = await solve(groupTraces(A, groups, { probes: 6, resume: half.iterate }));
    expect(resumed.iterate).toEqual(whole.iterate);
    expect(() => groupTraces(A, [])).toThrow(ArgumentError);
    const outside = parameterGroups([{ path: "c", start: 1, length: 2 }]);
    expect(() => groupTraces(A, outside)).toThrow("groups must lie within the 2 rows of A, got c to 3");
  });
});

describe("the report of a spectrum", () => {
  test("has the dense solver's eigenvalues, and tells its progress", async () => {
    using model = await modelCurvature(problem);
    using H = await lossHessianOperator(problem);
    const exact = (await exactSpectrum(H)).toSorted().reverse();
    let report: SpectrumReport | undefined;
    const fractions: number[] = [];
    for await (const progress of measureSpectrum(model, {
      top: 3,
      bottom: 2,
      groups: true,
      batches: [1, 24],
    })) {
      fractions.push(progress.fraction);
      report = progress.report;
    }
    expect(fractions.length).toBeGreaterThan(3);
    expect(fractions.at(-1)).toBe(1);
    expect(fractions.every((fraction, k) => k === 0 || fraction >= 0)).toBe(true);
    if (!report) throw new Error("there was no report");
    report.top.forEach(({ value }, k) => {
      expect(value).toBeCloseTo(exact[k], 8);
    });
    expect(report.bottom[0].value).toBeCloseTo(exact[H.rows - 1], 8);
    expect(report.batches[1].learningRate).toBeCloseTo(2 / exact[0], 8);
    expect(report.batches[0].learningRate).toBeLessThan(report.batches[1].learningRate);
    expect(report.groups.reduce((sum, { share }) => sum + share.value, 0)).toBeCloseTo(1, 12);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  test("of rows by single products has the unbiased variance of the vectorized one", async () => {
    const rows = Int32Array.from({ length: 24 }, (_, i) => i);
    // the loss of a linear model has no curvature beside its Gauss-Newton matrix
    const linear = { ...classifier({ rows: 24, hidden: [] }), curvature: softmaxCurvature };
    using model = await modelCurvature({ ...linear, matrix: "gauss-newton" });
    const v = new Float64Array(model.operator.rows).fill(1 / Math.sqrt(model.operator.rows));
    const found = await model.localVariance(v, rows);
    const { loss, parameters, data } = linear;
    const expected = await localHessianVariance({ loss, parameters, data }, v);
    expect(found.along).toBeCloseTo(expected.along, 12);
    expect(found.across).toBeCloseTo(expected.across, 12);
  });

  test("ends with the loop or the signal, and refuses what it does not know", async () => {
    using model = await modelCurvature(problem);
    for await (const _ of measureSpectrum(model)) break;
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(measureSpectrum(model, { signal }).next()).rejects.toThrow("enough");
    await expect(measureSpectrum(model, { batches: [25] }).next()).rejects.toThrow(
      "batches[0] must be an integer from 1 to 24, got 25",
    );
    const absent = { top: undefined, bottom: undefined, steps: undefined, probes: undefined };
    const others = { seed: undefined, batches: undefined, momentum: undefined, groups: undefined };
    expect((await measureSpectrum(model, { ...absent, ...others }).next()).done).toBe(false);
    using H = await lossHessianOperator(problem);
    await expect(symmetricMatrix(H, { signal })).rejects.toThrow("enough");
    const { rows, columns, symmetric, apply } = H;
    const oneByOne = { rows, columns, symmetric, apply: apply.bind(H) };
    await expect(symmetricMatrix(oneByOne, { signal })).rejects.toThrow("enough");
    const unknown = { batch: 3 };
    await expect(measureSpectrum(model, unknown as object).next()).rejects.toThrow('no option "batch"');
    await expect(modelCurvature({ ...problem, matrix: "hesian" as "hessian" })).rejects.toThrow(
      'matrix must be "hessian", "gauss-newton" or "empirical-fisher", got "hesian"',
    );
  });
});
