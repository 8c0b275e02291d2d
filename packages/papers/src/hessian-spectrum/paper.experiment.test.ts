import { describe, expect, test, vi } from "vitest";
import { expectDescribed, expectDrawable, failed, paperRuns } from "../paper-testing.ts";
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
      expect([...new Set(report.checks.map(({ claim }) => claim))].sort()).toStrictEqual([...claims].sort());
      expect(report.summary.length).toBeGreaterThan(0);
      // Fashion-MNIST is drawn at full size only.
      expectDrawable(report, { empty: ["fashion"] });
      reports.push(report);
    }
    const verdicts = Object.fromEntries(
      claimVerdicts(paper, reports).map(({ claim, verdict }) => [claim, verdict]),
    );
    expect(verdicts).toMatchObject({ C4: "held", C5: "held", C6: "held" });

    const checks = new Map(reports.flatMap((report) => report.checks).map((c) => [c.label, c]));
    const measured = (label: string) => checks.get(label)?.measured;
    // The statements that are exact, whatever the random numbers.
    expect(measured("runs whose largest gap is behind eigenvalue c, of 18")).toBe(18);
    expect(measured("runs with exactly 4 outliers by level, of 8 widths and seeds")).toBe(8);
    expect(measured("most eigenvalues by which a bulk differs from M − 4")).toBe(0);
    expect(measured("networks with M ≥ 2.2 N(K − 1) that reach N(K − 1), of 9")).toBe(9);
    expect(measured("top 5 eigenvalues: largest relative error after 20 steps")).toBeLessThan(1e-9);
    // Those that fail, by the conditions of the reconstruction.
    expect(reports.flatMap(failed).sort()).toEqual([
      "its products over the 20 of Lanczos",
      "largest factor by which any of the 4 outliers moves, M = 111 to 881",
      "runs with K − 1 to 2K eigenvalues above 0.1 λ₁, of 6",
      "smallest ratio λ_c/λ_(c+1) over all numbers of clusters",
    ]);
    // Rectifiers: the part that the residuals leave has no diagonal.
    const runs = reports.find(({ experiment }) => experiment === "softmax-classifiers")?.tables[0].rows ?? [];
    for (const { traceOfG, traceOfR } of runs)
      expect(Math.abs(Number(traceOfR))).toBeLessThan(1e-10 * Number(traceOfG));
  });
});

test("the spectrum of a trained network, interrupted once it is trained, resumes to the same report", async () => {
  const { whole, resumed } = await wholeAndResumed("matrix-free", 2, { set: { probes: 2, steps: 10 } });
  expect(resumed).toStrictEqual(whole);
}, 60_000);

test("the full profile says which file it lacks, and a signal ends a run", async () => {
  vi.stubEnv("GRADUS_DATA_DIR", "");
  const set = { probes: 2, steps: 10, fashion: true };
  await expect(run("matrix-free", { set })).rejects.toThrow("fashion-mnist-train-images-idx3-ubyte.gz");
  vi.unstubAllEnvs();
  const signal = AbortSignal.abort(new Error("closed"));
  await expect(run("rank-bound", { signal })).rejects.toThrow("closed");
});
