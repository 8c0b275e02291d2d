import { compile, f64, item, type Tensor } from "@gradus/graph";
import { expect, test } from "vitest";
import { absoluteLoss } from "./absolute.ts";
import { binaryAccuracy } from "./accuracy.ts";
import { expectedCostLoss } from "./expected-cost.ts";
import { hingeLoss } from "./hinge.ts";
import { huberLoss } from "./huber.ts";
import { binaryLogisticLoss, logisticLoss } from "./logistic.ts";
import { squaredLoss } from "./squared.ts";
import { sigmoidCrossEntropy } from "./traced/cross-entropy.ts";
import { meanAbsoluteError, meanSquaredError } from "./traced/regression.ts";

const losses: Record<string, (outputs: Tensor, labels: Tensor) => Tensor> = {
  meanSquaredError,
  meanAbsoluteError,
  sigmoidCrossEntropy,
  binaryAccuracy,
  squaredLoss: squaredLoss.traced,
  absoluteLoss: absoluteLoss.traced,
  huberLoss: huberLoss().traced,
  hingeLoss: hingeLoss().traced,
  logisticLoss: logisticLoss.traced,
  binaryLogisticLoss: binaryLogisticLoss.traced,
  expectedCostLoss: expectedCostLoss.traced,
};

test.each(Object.entries(losses))(
  "%s does not compare a column of outputs with a row of labels",
  async (_, loss) => {
    const traced = (outputs: readonly ("n" | number)[], labels: readonly ("n" | number)[]) =>
      compile(({ z, y }) => loss(z, y), { z: f64(...outputs), y: f64(...labels) });
    await expect(traced(["n", 1], ["n"])).rejects.toThrow(
      / must have the shape of the \w+, \[n, 1\], got \[n\]/,
    );
    await expect(traced([4], [4, 1])).rejects.toThrow(/ must have the shape of the \w+, \[4\], got \[4, 1\]/);
    // equal shapes, and one value for all rows
    for (const [outputs, labels] of [
      ["n", "n"],
      ["n", 1],
      [1, "n"],
    ] as const)
      (await traced([outputs, 2], [labels, 2])).dispose();
  },
);

test("one prediction for all rows has the loss of its copies", async () => {
  using program = await compile(({ z, y }) => meanSquaredError(z, y), { z: f64(), y: f64("n") });
  expect(item(await program.run({ z: 2, y: Float64Array.of(1, 4) }))).toBe((1 + 4) / 2);
});
