import { describe, expect, it } from "vitest";
import { denseMatrix } from "../../linalg/matrix.ts";
import { randomStream } from "../../random/stream.ts";
import { accuracy } from "../../statistics/classification-metrics.ts";
import { confusionMatrix } from "../../statistics/confusion-matrix.ts";
import { adam } from "../adam.ts";
import { anyLoss, crossEntropyLoss } from "./loss.ts";
import { predictionsOf, probabilitiesOf } from "./model.ts";
import { compileTwoLayerClassifier, fitTwoLayerClassifier } from "./two-layer.ts";

// Positive inside a ring: no linear classifier separates it.
const stream = randomStream(3);
const n = 240;
const x = denseMatrix(stream.fillNormal(new Float64Array(n * 2)), n, 2);
const y = Int32Array.from({ length: n }, (_, i) =>
  Math.hypot(x.values[2 * i], x.values[2 * i + 1]) < 1 ? 1 : 0,
);

describe("fitTwoLayerClassifier", () => {
  it("learns what no linear classifier can, through a metric loss", async () => {
    const { model } = await fitTwoLayerClassifier(x, y, {
      loss: anyLoss("balancedAccuracy"),
      units: 6,
      optimizer: (learningRate) => adam({ learningRate }),
      learningRate: 0.03,
      batchSize: 60,
      epochs: 150,
    });
    expect(accuracy(confusionMatrix(y, predictionsOf(model, x)))).toBeGreaterThan(0.93);
  });

  it("returns a model that holds batch normalization: its loss is the one last trained", async () => {
    const { model, history } = await fitTwoLayerClassifier(x, y, {
      loss: crossEntropyLoss(),
      units: 4,
      optimizer: (learningRate) => adam({ learningRate }),
      learningRate: 0.01,
      epochs: 2000,
    });
    const entropy =
      probabilitiesOf(model, x).reduce((total, p, i) => total - Math.log(y[i] === 1 ? p : 1 - p), 0) / n;
    expect(entropy).toBeCloseTo(history[history.length - 1].loss, 2);
    expect(entropy).toBeLessThan(0.3);
  });

  it("starts at p = 1/2 for every row with a zero output layer, and elsewhere with a random one", async () => {
    const start = async (outputInit: "zero" | "random") => {
      const { history } = await fitTwoLayerClassifier(x, y, {
        loss: crossEntropyLoss(),
        outputInit,
        epochs: 1,
      });
      return history[0].loss;
    };
    expect(await start("zero")).toBeCloseTo(Math.LN2, 14);
    expect(Math.abs((await start("random")) - Math.LN2)).toBeGreaterThan(1e-3);
  });

  it("warms up by cross-entropy for its share of the epochs", async () => {
    using trainer = await compileTwoLayerClassifier({
      features: 2,
      loss: anyLoss("accuracy"),
      warmStart: { fraction: 0.3, learningRate: 0.5 },
    });
    const { history } = await trainer.fit(x, y, { epochs: 10, epochsPerEntry: 1 });
    expect(history.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    // Cross-entropy starts at ln 2, the accuracy loss at 1/2.
    expect(history[0].loss).toBeCloseTo(Math.LN2, 14);
    expect(history[2].loss).toBeGreaterThan(0.6);
    expect(history[3].loss).toBeLessThan(0.5);
  });

  it("draws other weights for another seed, and the same for the same", async () => {
    using trainer = await compileTwoLayerClassifier({ features: 2, loss: anyLoss("f1") });
    const models = await Promise.all([1, 1, 2].map((seed) => trainer.fit(x, y, { epochs: 3, seed })));
    expect(models[1].model).toStrictEqual(models[0].model);
    expect(models[2].model.hiddenWeights).not.toStrictEqual(models[0].model.hiddenWeights);
  });

  it("refuses a layer without units", async () => {
    await expect(fitTwoLayerClassifier(x, y, { loss: anyLoss("f1"), units: 0 })).rejects.toThrow(
      "units must be a positive integer, got 0",
    );
  });
});
