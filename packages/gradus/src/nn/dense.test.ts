import { array, compile, f64, gradient, mul, relu, sub, sum, type Tensor, toNumbers } from "@gradus/graph";
import { expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import { randomStream } from "../random/stream.ts";
import { dense, denseParameters } from "./dense.ts";
import { constantWeights } from "./initializers.ts";
import { ntkDense, ntkDenseParameters } from "./ntk-dense.ts";

test("a dense layer is x W + b", async () => {
  using program = await compile(({ p, x }) => dense(p, x), {
    p: { weights: f64(2, 2), bias: f64(2) },
    x: f64("n", 2),
  });
  const y = await program.run({
    p: { weights: Float64Array.of(1, 2, 3, 4), bias: Float64Array.of(10, 20) },
    x: Float64Array.of(1, 1, 0, 2),
  });
  expect(toNumbers(y)).toStrictEqual([14, 26, 16, 28]);
});

test("the seed decides the parameters; the bias is 0 unless it has an initializer", () => {
  const layer = (seed: number) => denseParameters({ inputs: 3, outputs: 2, stream: randomStream(seed) });
  expect(layer(4)).toStrictEqual(layer(4));
  expect(layer(4)).not.toStrictEqual(layer(5));
  expect(toNumbers(layer(4).bias)).toStrictEqual([0, 0]);
  const stream = randomStream(1);
  const biased = denseParameters({ inputs: 3, outputs: 2, stream, biasInitializer: constantWeights(0.5) });
  expect(toNumbers(biased.bias)).toStrictEqual([0.5, 0.5]);
  expect(() => denseParameters({ inputs: 0, outputs: 2, stream })).toThrow(ArgumentError);
});

// Written out by hand for the network 1-2-1 with ReLU and biasStd 0.1.
const worked = {
  hidden: { weights: array(Float64Array.of(1, -2), [1, 2]), bias: array(Float64Array.of(0.3, -0.1)) },
  output: { weights: array(Float64Array.of(0.5, 1.5), [2, 1]), bias: array(Float64Array.of(0.2)) },
};
type Network = {
  readonly hidden: { weights: Tensor; bias: Tensor };
  readonly output: { weights: Tensor; bias: Tensor };
};
const network = ({ hidden, output }: Network, x: Tensor) => ntkDense(output, relu(ntkDense(hidden, x)));
const layerSpec = (inputs: number, outputs: number) => ({
  weights: f64(inputs, outputs),
  bias: f64(outputs),
});
const signature = { hidden: layerSpec(1, 2), output: layerSpec(2, 1) };

test("a network in the NTK parametrization has the outputs and the gradient products worked out by hand", async () => {
  using program = await compile(
    ({ p, x, other }) => {
      const at = (input: Tensor) => gradient((q: Network) => sum(network(q, input)))(p);
      const [a, b] = [at(x), at(other)];
      const product = (u: Tensor, v: Tensor) => sum(mul(u, v));
      const kernel = [
        product(a.hidden.weights, b.hidden.weights),
        product(a.hidden.bias, b.hidden.bias),
        product(a.output.weights, b.output.weights),
        product(a.output.bias, b.output.bias),
      ];
      return { f: network(p, x), kernel };
    },
    { p: signature, x: f64(1, 1), other: f64(1, 1) },
  );
  const at = async (x: number, other: number) => {
    const { f, kernel } = await program.run({
      p: worked,
      x: Float64Array.of(x),
      other: Float64Array.of(other),
    });
    return { f: toNumbers(f)[0], kernel: kernel.reduce((s, k) => s + toNumbers(k)[0], 0) };
  };
  expect((await at(1, 1)).f).toBeCloseTo(0.38415999, 7);
  expect((await at(-0.5, 1)).f).toBeCloseTo(1.07005357, 7);
  expect((await at(1, 1)).kernel).toBeCloseTo(0.6667, 4);
  expect((await at(1, -0.5)).kernel).toBeCloseTo(0.01, 4);
  expect((await at(-0.5, -0.5)).kernel).toBeCloseTo(0.79255, 5);
});

test("gradient descent on that network gives the outputs worked out by hand", async () => {
  using program = await compile(
    ({ p, x, y }) => {
      // (1/2N) sum of squares with N = 2.
      const loss = (q: Network) => mul(sum(mul(sub(network(q, x), y), sub(network(q, x), y))), 0.25);
      const g = gradient(loss)(p);
      const step = (t: Tensor, d: Tensor) => sub(t, mul(d, 0.5));
      const layer = (q: Network["hidden"], d: Network["hidden"]) => ({
        weights: step(q.weights, d.weights),
        bias: step(q.bias, d.bias),
      });
      return network({ hidden: layer(p.hidden, g.hidden), output: layer(p.output, g.output) }, x);
    },
    { p: signature, x: f64(2, 1), y: f64(2, 1) },
  );
  const [first, second] = toNumbers(
    await program.run({ p: worked, x: Float64Array.of(1, -0.5), y: Float64Array.of(1, 0) }),
  );
  expect(first).toBeCloseTo(0.48848912, 7);
  expect(second).toBeCloseTo(0.86934434, 7);
});

test("weights and biases of the NTK parametrization are standard normal", () => {
  const { weights, bias } = ntkDenseParameters({
    inputs: 200,
    outputs: 300,
    stream: randomStream(3),
    dtype: "f64",
  });
  const secondMoment = (values: number[]) => values.reduce((s, v) => s + v * v, 0) / values.length;
  // Standard errors sqrt(2/n): 0.006 and 0.08.
  expect(Math.abs(secondMoment(toNumbers(weights)) - 1)).toBeLessThan(0.03);
  expect(Math.abs(secondMoment(toNumbers(bias)) - 1)).toBeLessThan(0.4);
});
