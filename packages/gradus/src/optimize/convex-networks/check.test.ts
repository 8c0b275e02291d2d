import { expect, test } from "vitest";
import { certifyNetwork } from "./certificate.ts";
import { fitConvexReluNetwork } from "./fit.ts";
import { convexNetworkIterates } from "./iterates.ts";
import { networkOutputs, type ReluNetwork, recoverNetwork } from "./network.ts";
import { patternsOfDirections, samplePatterns } from "./patterns.ts";
import { refinedNetworkIterates } from "./refined-iterates.ts";
import { fgsmAttack } from "./robust/attacks.ts";
import { certifiedMargins } from "./robust/certified-margins.ts";
import { robustNetworkIterates } from "./robust/robust-iterates.ts";
import { sampledNetworkIterates } from "./sampled-iterates.ts";
import { formulaMatrix, normalRows, signs } from "./test-support.ts";
import { networkToOnnx } from "./to-onnx.ts";
import { widenedNetworkIterates } from "./widened-iterates.ts";

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
  await expect(fit({ patterns: "all" })).rejects.toThrow(
    'patterns must be an object { rows, count, masks, directions, complete }, got "all"',
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

test("every call names what it got in place of an argument", async () => {
  const signal = untyped({ aborted: false });
  const methods = [
    (changed: object) => convexNetworkIterates({ x, y, beta: 0.1, patterns, ...changed }),
    (changed: object) => refinedNetworkIterates({ x, y, beta: 0.1, ...changed }),
    (changed: object) => widenedNetworkIterates({ x, y, beta: 0.1, ...changed }),
    (changed: object) => sampledNetworkIterates({ x, y, beta: 0.1, samples: 5, ...changed }),
    (changed: object) =>
      robustNetworkIterates({ x, y, beta: 0.1, patterns, robustness: { epsilon: 0.1 }, ...changed }),
  ];
  for (const method of methods) {
    expect(() => method({ resume: {} })).toThrow(
      "resume.iteration must be a non-negative integer, got undefined",
    );
    expect(() => method({ resume: 3 })).toThrow(
      "resume.iteration must be a non-negative integer, got undefined",
    );
    expect(() => method({ resume: { iteration: 1, state: {} } })).toThrow(
      /^resume\.state\.\w+ must be there as serializeCheckpoint keeps it, got undefined$/,
    );
    expect(() => method({ signal })).toThrow(
      "signal must be an AbortSignal, got an object with keys aborted",
    );
    expect(() => method({ y: untyped(["1", 2, 3, 4, 5, 6]) })).toThrow(
      'y must be finite, got "1" at index 0',
    );
    expect(() => method({ beta: "1" })).toThrow('beta must be a positive number, got "1"');
  }
  const nothing: readonly never[] = [];
  for (const call of [convexNetworkIterates, refinedNetworkIterates, widenedNetworkIterates, certifyNetwork])
    expect(() => Reflect.apply(call, undefined, nothing)).toThrow("must be an object, got undefined");
  await expect(Reflect.apply(fitConvexReluNetwork, undefined, nothing)).rejects.toThrow(
    "the options of fitConvexReluNetwork must be an object, got undefined",
  );
  await expect(fitConvexReluNetwork({ x, y, beta: 0.1, signal })).rejects.toThrow(
    "signal must be an AbortSignal, got an object with keys aborted",
  );
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
  await expect(fitConvexReluNetwork({ x, y, beta: 0.1, robustness: untyped(1) })).rejects.toThrow(
    "robustness must be an object { epsilon, perturbed }, got 1",
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
  ).rejects.toThrow(
    'method "refined" needs a loss with a gradient, got "hinge"; use method "widened" or "admm"',
  );
  const squared = convexNetworkIterates({ x, y: labels, beta: 0.1, patterns });
  const start = (await squared.next()).value;
  if (!start) throw new Error("the first iterate is missing");
  const resume = { iteration: 0, state: start.state };
  const other = () => convexNetworkIterates({ x, y: labels, beta: 0.1, loss: "logistic", patterns, resume });
  expect(other).toThrow("resume.state.outputs must have 6 numbers, got 0");
});
