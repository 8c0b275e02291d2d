import { describe, expect, test, vi } from "vitest";
import { claimsChecked, expectDescribed, expectDrawable, failed, paperRuns } from "../paper-testing.ts";
import type { RunReport } from "../run.ts";
import { claimVerdicts } from "../verdict.ts";
import { hessianSpectrum as paper } from "./paper.ts";

const { run, complete, wholeAndResumed } = paperRuns(paper);

test("what is said of an experiment before it is loaded is what it says itself", async () => {
  await expectDescribed(paper);
});

describe("the quick profile", () => {
  test("checks the claims that it names, and what holds and does not is known", {
    timeout: 300_000,
  }, async () => {
    const reports: RunReport[] = [];
    for (const { id, claims } of paper.experiments) {
      const report = await complete(id);
      // Of what "matrix-free" measures, only Fashion-MNIST at full size is a claim.
      expect(claimsChecked(report).filter((claim) => claim !== null)).toStrictEqual(
        id === "matrix-free" ? [] : [...claims].sort(),
      );
      expect(JSON.stringify(report.findings).length).toBeLessThan(12_000);
      expect(report.summary.length).toBeGreaterThan(0);
      // Fashion-MNIST is drawn at full size only.
      expectDrawable(report, { empty: ["fashion"] });
      reports.push(report);
    }
    const verdicts = Object.fromEntries(
      claimVerdicts(paper, reports).map(({ claim, verdict }) => [claim, verdict]),
    );
    // C2: the outliers keep their number over the widths, not their place (remarks).
    expect(verdicts).toEqual({
      ...{ C1: "held", C2: "did not hold", C3: "held", C4: "held", C5: "held", C6: "held" },
    });
    expect(reports.flatMap(failed)).toEqual([
      "largest factor by which one of 4 outliers changes over the widths",
    ]);

    const checks = new Map(reports.flatMap((report) => report.checks).map((c) => [c.label, c]));
    const measured = (label: string) => checks.get(label)?.measured;
    // The statements that are exact, whatever the random numbers.
    expect(measured("share of runs whose largest gap follows λ_c")).toBe(1);
    expect(measured("share of runs with 4 eigenvalues above 0.03 λ₁, over the widths")).toBe(1);
    expect(measured("share of networks with M ≥ 2.2 N(K − 1) whose G has rank N(K − 1)")).toBe(1);
    // Rectifiers: the part that the residuals leave has no diagonal.
    const runs = reports.find(({ experiment }) => experiment === "softmax-classifiers")?.tables[0].rows ?? [];
    for (const { traceOfG, traceOfR } of runs)
      expect(Math.abs(Number(traceOfR))).toBeLessThan(1e-10 * Number(traceOfG));
  });
});

test("the spectrum of a trained network, interrupted once it is trained, resumes to the same report", async () => {
  const { whole, resumed } = await wholeAndResumed("matrix-free", 2, { set: { probes: 2, steps: 10 } });
  expect(resumed).toStrictEqual(whole);
});

test("the full profile says which file it lacks, and a signal ends a run", async () => {
  vi.stubEnv("GRADUS_DATA_DIR", "");
  const set = { probes: 2, steps: 10, fashion: true };
  await expect(run("matrix-free", { set })).rejects.toThrow("fashion-mnist-train-images-idx3-ubyte.gz");
  vi.unstubAllEnvs();
  const signal = AbortSignal.abort(new Error("closed"));
  await expect(run("rank-bound", { signal })).rejects.toThrow("closed");
});
