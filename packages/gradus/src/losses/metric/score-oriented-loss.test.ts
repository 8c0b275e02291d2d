import { compile, f64, type Tensor, valueAndGradient } from "@gradus/graph";
import { describe, expect, it } from "vitest";
import { scoreOrientedLoss, type ThresholdDistribution } from "./score-oriented-loss.ts";
import type { SoftConfusionMatrix } from "./soft-confusion-matrix.ts";

const p = Float64Array.of(0.3, 0.48, 0.55, 0.9);

/** F at each p, read off as the true positives of one positive row at a time. */
async function cumulative(distribution?: ThresholdDistribution): Promise<number[]> {
  const loss = scoreOrientedLoss(({ tp }: SoftConfusionMatrix) => tp, { distribution });
  using program = await compile(({ p, y }) => loss(p, y), { p: f64("n"), y: f64("n") });
  const values: number[] = [];
  for (let i = 0; i < p.length; i++) {
    const y = Float64Array.from(p, (_, j) => (j === i ? 1 : 0));
    values.push(1 - Number((await program.run({ p, y })).data[0]));
  }
  return values;
}

describe("scoreOrientedLoss", () => {
  it("gives the worked example of the raised cosine", async () => {
    const values = await cumulative();
    [0, 0.306451, 0.909155, 1].forEach((expected, i) => {
      expect(values[i]).toBeCloseTo(expected, 6);
    });
  });

  it("is the probability itself for the uniform distribution", async () => {
    const values = await cumulative("uniform");
    p.forEach((expected, i) => {
      expect(values[i]).toBeCloseTo(expected, 14);
    });
  });

  it("has the density (1 + cos(pi u)) / (2 halfWidth) as derivative", async () => {
    const halfWidth = 0.3;
    const loss = scoreOrientedLoss(({ tp }: SoftConfusionMatrix) => tp, {
      distribution: { raisedCosine: { mean: 0.4, halfWidth } },
    });
    using program = await compile(({ p, y }) => valueAndGradient((q: Tensor) => loss(q, y))(p).gradient, {
      p: f64("n"),
      y: f64("n"),
    });
    const { data } = await program.run({ p, y: new Float64Array(4).fill(1) });
    p.forEach((value, i) => {
      const u = (value - 0.4) / halfWidth;
      const density = Math.abs(u) >= 1 ? 0 : (1 + Math.cos(Math.PI * u)) / (2 * halfWidth);
      expect(data[i]).toBeCloseTo(-density, 12);
    });
  });

  it("refuses distributions that are none", () => {
    expect(() =>
      scoreOrientedLoss("f1", { distribution: { raisedCosine: { mean: 1, halfWidth: 0.1 } } }),
    ).toThrow("mean must be in (0, 1), got 1");
    expect(() =>
      scoreOrientedLoss("f1", { distribution: { raisedCosine: { mean: 0.5, halfWidth: 0 } } }),
    ).toThrow("halfWidth must be in (0, 1], got 0");
  });
});
