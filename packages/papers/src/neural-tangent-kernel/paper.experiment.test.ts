import { DataMissingError } from "gradus/check";
import { denseKernel, kernelComponents } from "gradus/kernels";
import { describe, expect, test, vi } from "vitest";
import { claimsChecked, expectDescribed, failed, paperRuns } from "../paper-testing.ts";
import type { RunReport } from "../run.ts";
import { firstDigits } from "./digit-set.ts";
import { neuralTangentKernel } from "./paper.ts";

const { complete } = paperRuns(neuralTangentKernel);

test("what is said of an experiment before it is loaded is what it says itself", async () => {
  await expectDescribed(neuralTangentKernel);
});

describe("quick experiments", () => {
  test("check the claims that they name, and the claims hold", async () => {
    const reports: RunReport[] = [];
    for (const { id, claims } of neuralTangentKernel.experiments) {
      const report = await complete(id);
      expect(claimsChecked(report).filter((claim) => claim !== null)).toStrictEqual([...claims].sort());
      reports.push(report);
    }
    expect(reports.flatMap(failed)).toEqual([]);

    // The specification's figures, by an independent prototype on other networks: within what seeds scatter.
    const points = (experiment: string, plot: string, series: string) =>
      reports.find((r) => r.experiment === experiment)?.series[plot]?.[series] ?? [];
    const distances = points("convergence", "error", "at initialization");
    [0.441, 0.314, 0.228, 0.165].forEach((value, k) => {
      expect(Math.abs(Math.log(distances[k].y / value))).toBeLessThan(0.5);
    });
    const moves = points("convergence", "error", "moved by 200 steps");
    expect(moves.map(({ x }) => x)).toStrictEqual([64, 128, 256, 512]);
  });

  test("the full profile of digit-components says which file it lacks", async () => {
    vi.stubEnv("GRADUS_DATA_DIR", "");
    await expect(complete("digit-components", { profile: "full" })).rejects.toThrow(
      "mnist-t10k-images-idx3-ubyte.gz",
    );
    vi.unstubAllEnvs();
  });

  // The specification's figures, by an independent prototype in NumPy, and the paper's within 15%.
  test("MNIST's first components, with five layers, where the files are", async ({ skip }) => {
    const digits = await firstDigits("MNIST", 512).catch((error: unknown) => {
      if (!(error instanceof DataMissingError)) throw error;
      return skip("MNIST is not in the data directory");
    });
    const K = await denseKernel({ depth: 5 }).ntk(digits.x);
    const { eigenvalues } = await kernelComponents(K, { count: 3, method: "lanczos" });
    [0.04430434, 0.00117566, 0.00084814].forEach((value, i) => {
      expect(Math.abs(eigenvalues[i] / value - 1)).toBeLessThan(1e-5);
    });
    [0.0457, 0.00108, 0.00078].forEach((value, i) => {
      expect(Math.abs(eigenvalues[i] / value - 1)).toBeLessThan(0.15);
    });
  });
});
