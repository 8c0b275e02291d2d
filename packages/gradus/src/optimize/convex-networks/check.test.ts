import { expect, test } from "vitest";
import { certifyNetwork } from "./certificate.ts";
import { fitConvexReluNetwork } from "./fit.ts";
import { convexNetworkIterates } from "./iterates.ts";
import { networkOutputs, type ReluNetwork, recoverNetwork } from "./network.ts";
import { patternsOfDirections, samplePatterns } from "./patterns.ts";
import { fgsmAttack } from "./robust/attacks.ts";
import { certifiedMargins } from "./robust/certified-margins.ts";
import { formulaMatrix, normalRows, signs } from "./test-support.ts";
import { networkToOnnx } from "./to-onnx.ts";

const { x, y } = normalRows(6, 2, 1);
const labels = signs(y);
const patterns = patternsOfDirections(
  formulaMatrix(6, 3, (i, j) => Math.sin(i * j * j)),
  formulaMatrix(4, 3, (i, j) => Math.cos(i + 2 * j)),
);
const row = (...values: number[]) => ({ rows: 1, columns: values.length, values: Float64Array.from(values) });
const network = recoverNetwork({ positive: row(1, 2, 3), negative: row(1, -2, 1) });
// what TypeScript would refuse comes from JavaScript and from files
const untyped = (value: unknown) => JSON.parse(JSON.stringify(value));

test("patterns are those of the design, of zeros and ones", async () => {
  const fit = (changed: object) => fitConvexReluNetwork({ x, y, beta: 0.1, ...changed });
  await expect(fit({ patterns: null })).rejects.toThrow(
    "patterns must be an object { rows, count, masks, directions, complete }, got null",
  );
  await expect(fit({ patterns: { ...patterns, rows: 5 } })).rejects.toThrow(
    "patterns must be of 6 rows, as many as the design has, got 5",
  );
  await expect(fit({ patterns: { ...patterns, count: 0 } })).rejects.toThrow(
    "patterns.count must be a positive integer, got 0",
  );
  await expect(
    fit({ patterns: { ...patterns, masks: patterns.masks.map((bit) => 2 * bit) } }),
  ).rejects.toThrow("patterns.masks must be 0 or 1, got 2 at index");
});

test("a mask has true or false for each column", async () => {
  const box = { x, y: labels, epsilon: 0.1 };
  for (const call of [
    (perturbed: readonly boolean[]) => fgsmAttack(network, { ...box, perturbed }),
    (perturbed: readonly boolean[]) => certifiedMargins(network, { ...box, perturbed }),
    (perturbed: readonly boolean[]) =>
      samplePatterns(x, { count: 2, perturbation: { epsilon: 0.1, perturbed } }),
  ]) {
    expect(() => call(untyped([1, 0]))).toThrow("perturbed[0] must be true or false, got 1");
    expect(() => call(untyped("ab"))).toThrow('perturbed must be an array of true and false, got "ab"');
    expect(() => call([true])).toThrow("perturbed must have 2 entries, one a column of");
  }
  await expect(fitConvexReluNetwork({ x, y, beta: 0.1, robustness: untyped(null) })).rejects.toThrow(
    "robustness must be an object { epsilon, perturbed }, got null",
  );
});

test("networks have finite numbers, and biases only with an intercept", () => {
  const broken: ReluNetwork = { ...network, outputs: network.outputs.map(() => Number.NaN) };
  expect(() => networkToOnnx(broken)).toThrow("network.outputs must be finite, got NaN at index 0");
  expect(() => networkOutputs(untyped(null), x)).toThrow(
    "network must be an object { hidden, biases, outputs }, got null",
  );
  expect(() => certifyNetwork({ x, y, beta: 0.1, intercept: false }, network)).toThrow(
    "network.biases must be 0 where intercept is false",
  );
  expect(() => recoverNetwork({ positive: row(1, Number.NaN), negative: row(1, 1) })).toThrow(
    "weights.positive must be finite, got NaN in row 0, column 1",
  );
  expect(() => recoverNetwork({ positive: row(1), negative: row(1) })).toThrow(
    "weights.positive must have at least 2 columns, the last for the biases, got 1",
  );
  expect(() => networkToOnnx(network, untyped({ standardization: { mean: [0, 0], std: [1, 1] } }))).toThrow(
    "standardization.scale must be an array of numbers, got undefined",
  );
});

test("the refined method names itself where it does not fit; states are of the same loss", async () => {
  await expect(
    fitConvexReluNetwork({ x, y: labels, loss: "hinge", beta: 0.1, method: "refined" }),
  ).rejects.toThrow('method "refined" needs a loss with a gradient, got "hinge"; use method "admm"');
  const squared = convexNetworkIterates({ x, y: labels, beta: 0.1, patterns });
  const start = (await squared.next()).value;
  if (!start) throw new Error("the first iterate is missing");
  const resume = { iteration: 0, state: start.state };
  const other = () => convexNetworkIterates({ x, y: labels, beta: 0.1, loss: "logistic", patterns, resume });
  expect(other).toThrow("resume.state.outputs must have 6 numbers, got 0");
});
