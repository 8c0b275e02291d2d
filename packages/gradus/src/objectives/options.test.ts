import { expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import { canyon } from "./canyon.ts";
import { objectiveFromGraph } from "./from-graph.ts";
import { linearRegression } from "./linear-regression.ts";
import { logSumExpObjective } from "./log-sum-exp.ts";
import { logisticRegression } from "./logistic-regression.ts";
import { diagonalStart } from "./networks/diagonal-linear-network.ts";
import { twoLayerReluStart } from "./networks/two-layer-relu.ts";
import { quadratic } from "./quadratic.ts";
import { rastrigin } from "./rastrigin.ts";
import { linearResidual } from "./residual.ts";
import { residualPower } from "./residual-power.ts";
import { softmaxRegression } from "./softmax-regression.ts";

const A = { rows: 2, columns: 2, values: Float64Array.of(2, 1, 1, 2) };

test.each<readonly [string, (options: never) => unknown]>([
  ["linearRegression", (options) => linearRegression(A, [1, 2], options)],
  ["logisticRegression", (options) => logisticRegression(A, [1, -1], options)],
  ["softmaxRegression", (options) => softmaxRegression(A, [0, 1], options)],
  ["logSumExpObjective", (options) => logSumExpObjective(A, [1, 2], options)],
  ["quadratic", (options) => quadratic(A, [1, 2], options)],
  ["canyon", (options) => canyon(options)],
  ["rastrigin", (options) => rastrigin(2, options)],
  ["residualPower", (options) => residualPower(linearResidual(A, [1, 2]), options)],
  ["diagonalStart", (options) => diagonalStart(2, options)],
  ["twoLayerReluStart", (options) => twoLayerReluStart({ features: 2, hidden: 2 }, options)],
  ["objectiveFromGraph", (options) => objectiveFromGraph(() => undefined as never, {}, {}, options)],
])("%s refuses an unknown option by name", async (name, call) => {
  const refused = expect(async () => call({ scael: 1 } as never)).rejects;
  await refused.toThrow(ArgumentError);
  await refused.toThrow(`${name} has no option "scael"; its options are `);
});
