import { gemm } from "@gradus/blas/dense";
import { floatData } from "@gradus/graph";
import { symmetricEigenvalues } from "gradus/linalg";
import { expect, test } from "vitest";
import { domainOf } from "./problems.ts";
import { lanczosStepsFor } from "./train-here.ts";
import { vectorsFor } from "./training.ts";

/** Dimensions that the training vectors of a square without obstacles span. */
async function rankOf(N: number, lanczosSteps: number): Promise<number> {
  const { samples } = await vectorsFor(domainOf("empty", N, 0), "Ritz mixtures", {
    count: 600,
    lanczosSteps,
    seed: 1,
  });
  const rows = { rows: 600, columns: N * N, values: Float64Array.from(floatData(samples)) };
  const energies = symmetricEigenvalues(gemm({ a: rows, transposeA: true, b: rows }));
  return energies.filter((value) => value > 1e-8 * energies[0]).length;
}

test("the training vectors of a small square span nearly its range, whose eigenvalues are double", async () => {
  expect(lanczosStepsFor(16)).toBe(256);
  expect(await rankOf(16, lanczosStepsFor(16))).toBeGreaterThan(0.9 * 255);
  expect(await rankOf(16, 102)).toBeLessThanOrEqual(102);
});
