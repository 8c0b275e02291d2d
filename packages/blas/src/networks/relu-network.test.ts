import { expect, test } from "vitest";
import { BlasArgumentError, DisposedError } from "../errors.ts";
import { sharedHeap } from "../memory.ts";
import { uniform, usedBytes, withBothBuilds } from "../testing.ts";
import { ResidentReluNetwork, reluNetworkGradient, reluNetworkOutputs } from "./relu-network.ts";

const numbers = (length: number, seed: number) => Float32Array.from({ length }, uniform(seed));

test.each([
  [1, 1, 1, 1],
  [5, 7, 3, 2],
  [131, 10, 4, 2],
  [64, 33, 12, 10],
  [300, 6, 5, 1],
  [1100, 6, 3, 2],
])("%i points, %i units, %i inputs, %i outputs, by the definition", (n, m, dimension, outputs) => {
  withBothBuilds(() => {
    const network = {
      inputs: numbers(n * dimension, 1),
      weights: numbers(m * dimension, 2),
      outputWeights: numbers(m * outputs, 3),
      dimension,
      outputs,
    };
    const residuals = numbers(n * outputs, 4);
    const f = new Float64Array(n * outputs);
    const gradient = new Float64Array(m * dimension);
    for (let j = 0; j < n; j++)
      for (let u = 0; u < m; u++) {
        let p = 0;
        for (let c = 0; c < dimension; c++)
          p += network.weights[u * dimension + c] * network.inputs[j * dimension + c];
        let along = 0;
        for (let k = 0; k < outputs; k++) {
          f[j * outputs + k] += network.outputWeights[u * outputs + k] * Math.max(p, 0);
          along += network.outputWeights[u * outputs + k] * residuals[j * outputs + k];
        }
        if (p > 0)
          for (let c = 0; c < dimension; c++)
            gradient[u * dimension + c] += along * network.inputs[j * dimension + c];
      }
    reluNetworkOutputs(network).forEach((value, k) => {
      expect(Math.abs(value - f[k])).toBeLessThan(1e-6 * m * dimension);
    });
    reluNetworkGradient({ ...network, residuals }).forEach((value, k) => {
      expect(Math.abs(value - gradient[k])).toBeLessThan(1e-6 * n * outputs);
    });
  });
});

test("a unit at exactly zero has no derivative, and NaN is handed on", () => {
  withBothBuilds(() => {
    const network = {
      inputs: Float32Array.of(1, -1, 2, 2),
      weights: Float32Array.of(1, 1),
      outputWeights: Float32Array.of(1),
      dimension: 2,
      outputs: 1,
    };
    const residuals = Float32Array.of(5, 1);
    expect([...reluNetworkOutputs(network)]).toEqual([0, 4]);
    expect([...reluNetworkGradient({ ...network, residuals })]).toEqual([2, 2]);
    const broken = { ...network, weights: Float32Array.of(Number.NaN, 1) };
    expect([...reluNetworkOutputs(broken)]).toEqual([Number.NaN, Number.NaN]);
    expect([...reluNetworkGradient({ ...broken, residuals })]).toEqual([Number.NaN, Number.NaN]);
  });
});

test("units are active from the smallest positive sum to the largest", () => {
  withBothBuilds(() => {
    const sums = [
      2 ** -149,
      2 ** -141,
      2 ** -133,
      2 ** -126,
      2 ** -17,
      1,
      2 ** 127,
      Number.POSITIVE_INFINITY,
    ];
    const weights = Float32Array.from([...sums, 0, -0, ...sums.map((sum) => -sum)]);
    const outputWeights = Float32Array.from(weights, () => 2 ** -149);
    const network = { inputs: Float32Array.of(1), weights, outputWeights, dimension: 1, outputs: 1 };
    const gradient = reluNetworkGradient({ ...network, residuals: Float32Array.of(1) });
    expect([...gradient]).toEqual(Array.from(weights, (sum) => (sum > 0 ? 2 ** -149 : 0)));
  });
});

test("infinite inputs give what the units make of them, whatever fills a group of four", () => {
  withBothBuilds(() => {
    const infinity = Number.POSITIVE_INFINITY;
    const network = {
      inputs: Float32Array.of(infinity, 1, -infinity, 1, 1, 1),
      outputWeights: Float32Array.of(1, 1, 2, -1, -3, 5),
      dimension: 2,
      outputs: 2,
    };
    // units (1, 1), (-1, 1) and (2, -3): activations inf, 0, inf at the first point, 0, inf, 0 at the second, 2, 0, 0 at the third
    const weights = Float32Array.of(1, 1, -1, 1, 2, -3);
    const expected = [Number.NaN, infinity, infinity, -infinity, 2, 2];
    using resident = new ResidentReluNetwork(network);
    for (const outputs of [reluNetworkOutputs({ ...network, weights }), resident.evaluate(weights)])
      expect([...outputs]).toEqual(expected);
  });
});

test("rejects sizes that do not fit", () => {
  const network = {
    inputs: new Float32Array(6),
    weights: new Float32Array(4),
    outputWeights: new Float32Array(2),
    dimension: 2,
    outputs: 1,
  };
  expect(() => reluNetworkOutputs({ ...network, dimension: 0 })).toThrow(BlasArgumentError);
  expect(() => reluNetworkOutputs({ ...network, inputs: new Float32Array(5) })).toThrow("multiple of 2");
  const double = { ...network, inputs: new Float64Array(6) };
  expect(() => Reflect.apply(reluNetworkOutputs, undefined, [double])).toThrow(
    "inputs must be a Float32Array, got Float64Array",
  );
  expect(() => reluNetworkOutputs({ ...network, outputs: 2 })).toThrow(
    "weights must have 1 x 2 numbers, got 4",
  );
  expect(() => reluNetworkGradient({ ...network, residuals: new Float32Array(2) })).toThrow(
    "residuals must have 3 x 1 numbers, got 2",
  );
});

test("a resident network has the same numbers at changing weights, and the gates of the last ones", () => {
  withBothBuilds(() => {
    const [n, m, dimension, outputs] = [37, 10, 3, 2];
    const points = {
      inputs: numbers(n * dimension, 1),
      outputWeights: numbers(m * outputs, 2),
      dimension,
      outputs,
    };
    using resident = new ResidentReluNetwork(points);
    for (const seed of [3, 4]) {
      const weights = numbers(m * dimension, seed);
      const residuals = numbers(n * outputs, 10 + seed);
      expect(resident.evaluate(weights)).toEqual(reluNetworkOutputs({ ...points, weights }));
      // Memory that grows has other buffers.
      using _ = new ResidentReluNetwork({ ...points, inputs: new Float32Array(2 ** 19 * dimension) });
      const gradient = resident.gradient(residuals);
      expect(gradient).toEqual(reluNetworkGradient({ ...points, weights, residuals }));
      expect(resident.gradient(residuals)).toEqual(gradient);
    }
  });
});

test("a resident network names what it lacks", () => {
  const points = {
    inputs: new Float32Array(6),
    outputWeights: new Float32Array(3),
    dimension: 2,
    outputs: 1,
  };
  const resident = new ResidentReluNetwork(points);
  expect(() => resident.gradient(new Float32Array(3))).toThrow("needs weights that were evaluated before");
  expect(() => resident.evaluate(new Float32Array(4))).toThrow("weights must have 3 x 2 numbers, got 4");
  resident.evaluate(new Float32Array(6));
  expect(() => resident.gradient(new Float32Array(2))).toThrow("residuals must have 3 x 1 numbers, got 2");
  const used = usedBytes(sharedHeap());
  resident.dispose();
  expect(usedBytes(sharedHeap())).toBeLessThan(used);
  resident.dispose();
  expect(() => resident.evaluate(new Float32Array(6))).toThrow(DisposedError);
  expect(() => new ResidentReluNetwork({ ...points, outputs: 2 })).toThrow(BlasArgumentError);
});
