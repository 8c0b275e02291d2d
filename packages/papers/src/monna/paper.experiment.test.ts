import { describe, expect, test, vi } from "vitest";
import { papers } from "../index.ts";
import { claimsChecked, expectDescribed, expectDrawable, failed, paperRuns } from "../paper-testing.ts";
import { monna as paper } from "./paper.ts";

const { complete } = paperRuns(paper);

test("the paper is listed, and says of each experiment what the experiment says of itself", async () => {
  expect(papers).toContain(paper);
  await expectDescribed(paper);
});

describe("quick runs, against the figures of an independent prototype", () => {
  test("reduction: λ in proportion to f/(n − f)", async () => {
    const report = await complete("reduction");
    expect(claimsChecked(report)).toEqual(["C3"]);
    expect(failed(report)).toEqual([]);
    expectDrawable(report);
    const rows = report.tables[0].rows;
    // Its largest λ of many draws; the largest of 100 is below, but not by far.
    [0.078, 0.245, 0.269, 0.296].forEach((lambda, i) => {
      expect(Number(rows[i].lambda)).toBeGreaterThan(lambda / 2);
      expect(Number(rows[i].lambda)).toBeLessThan(lambda * 1.1);
      expect(Number(rows[i].alpha)).toBeLessThan(0.066);
    });
    expect(Number(rows[0].bound)).toBeCloseTo(0.202, 3);
    expect(Number(rows[1].bound)).toBeCloseTo(0.888, 3);
  });

  test("price of faults: overheads with momentum, and 22 times without", { timeout: 600_000 }, async () => {
    const report = await complete("price-of-faults");
    expect(claimsChecked(report)).toEqual(["C2", "C4", null]);
    expect(failed(report)).toEqual([]);
    expectDrawable(report);
    const overhead = report.tables[0].rows.slice(2).map((row) => Number(row.overhead));
    [1.01, 1.2, 1.38, 1.56, 22].forEach((value, i) => {
      expect(Math.abs(overhead[i] / value - 1)).toBeLessThan(0.2);
    });
  });

  test("floor: grows as f², and no step size removes it", async () => {
    const report = await complete("floor");
    expect(claimsChecked(report)).toEqual([null]);
    expect(failed(report)).toEqual([]);
    expectDrawable(report);
    const floors = report.tables[0].rows.slice(1).map((row) => Number(row.large));
    [0.00094, 0.0034, 0.0136].forEach((value, i) => {
      expect(Math.abs(floors[i] / value - 1)).toBeLessThan(0.2);
    });
  });

  test("four attacks: FOE costs MoNNA more than the others do", { timeout: 600_000 }, async () => {
    const report = await complete("four-attacks");
    expect(claimsChecked(report)).toEqual(["C1", "C4", null]);
    expectDrawable(report);
    // At this seed C1 does not hold: FOE pulls the models toward the origin about as fast as the network learns. Nor need
    // MoNNA be better than NNA then: NNA's worst accuracy is 0.68 or 0.76, as rounding decides (better in 16 of 20 seeds).
    const lost = [
      "accuracy of fault-free D-SGD minus MoNNA’s under FOE",
      "worst accuracy of MoNNA minus NNA’s worst",
    ];
    expect(failed(report)).toContain(lost[0]);
    expect(lost).toEqual(expect.arrayContaining([...failed(report)]));
    const score = (method: string, attack: string) =>
      Number(report.tables[0].rows.find((row) => row.method === method)?.[attack]);
    // The prototype's worst accuracies on three other seeds: MoNNA 0.86 to 0.90, here lower; the others as there.
    expect(score("MoNNA", "FOE")).toBeGreaterThan(0.7);
    expect(Math.abs(score("NNA", "worst") - 0.76)).toBeLessThan(0.1);
    expect(Math.abs(score("MoCWTM", "worst") - 0.76)).toBeLessThan(0.1);
    expect(Math.abs(score("SCC", "SF") - 0.1)).toBeLessThan(0.05);
  });
});

describe("a convolutional network", () => {
  test("the quick profile decides no claim", {
    timeout: 600_000,
  }, async () => {
    const report = await complete("images");
    expect(report.checks).toEqual([]);
    expect(report.undecided.map(({ claim }) => claim)).toEqual(["C1", "C4"]);
    expectDrawable(report, { empty: ["SF", "LF"] });
    const score = (method: string, attack: string) =>
      Number(report.tables[0].rows.find((row) => row.method === method)?.[attack]);
    // The prototype's figures for the perceptron: a convolutional network comes near them under ALIE.
    expect(score("D-SGD", "worst")).toBeGreaterThan(0.85);
    expect(score("MoNNA", "ALIE")).toBeGreaterThan(score("D-SGD", "worst") - 0.1);
    expect(score("NNA", "ALIE")).toBeLessThan(0.8);
    // One class of ten for every image: nothing is learned, and that is said.
    expect(score("MoNNA", "FOE")).toBeLessThan(0.2);
    expect(report.summary.join()).toContain("Under FOE MoNNA does not learn");
  });

  test("the full profile says which file it lacks", async () => {
    vi.stubEnv("GRADUS_DATA_DIR", "");
    await expect(complete("images", { profile: "full" })).rejects.toThrow("mnist-train-images-idx3-ubyte.gz");
    vi.unstubAllEnvs();
  });
});
