import { compile, constants, f32, toNumbers } from "@gradus/graph";
import { expect, test } from "vitest";
import { ArgumentError } from "../../check/errors.ts";
import { randomStream } from "../../random/stream.ts";
import { timeMlp } from "./time-mlp.ts";

test("is a perceptron of the input joined with the features of its time", async () => {
  const model = timeMlp({ inputs: 2, hidden: [3, 4], outputs: 1, time: { dimension: 4, maxPeriod: 7 } });
  const parameters = model.parameters({ stream: randomStream(1) });
  using program = await compile(({ x, t }) => model.apply(constants(parameters), x, t), {
    x: f32(2, 2),
    t: f32(2),
  });
  const [x, t] = [
    [0.3, -1.2, 2, 0.5],
    [0.4, -3],
  ];
  const got = toNumbers(await program.run({ x: Float32Array.from(x), t: Float32Array.from(t) } as never));
  const silu = (z: number) => z / (1 + Math.exp(-z));
  const layer = (from: readonly number[], { weights, bias }: (typeof parameters)["time"]) => {
    const out = toNumbers(bias);
    const W = toNumbers(weights);
    return out.map((b, j) => from.reduce((sum, value, i) => sum + value * W[i * out.length + j], b));
  };
  for (const row of [0, 1]) {
    const features = [1, 1 / 7]
      .map((w) => Math.sin(w * t[row]))
      .concat([1, 1 / 7].map((w) => Math.cos(w * t[row])));
    const [first, second, last] = parameters.layers;
    const fromTime = layer(features, parameters.time);
    let h = layer(x.slice(2 * row, 2 * row + 2), first).map((z, j) => silu(z + fromTime[j]));
    h = layer(h, second).map(silu);
    expect(got[row]).toBeCloseTo(layer(h, last)[0], 5);
  }
});

test("sizes that make no network are refused", () => {
  expect(() => timeMlp({ inputs: 0 })).toThrow(ArgumentError);
  expect(() => timeMlp({ inputs: 2, hidden: [] })).toThrow("hidden must have at least one width");
  expect(() => timeMlp({ inputs: 2, hidden: [8, 0] })).toThrow("hidden[1] must be a positive integer, got 0");
  expect(() => timeMlp({ inputs: 2, ...{ width: 3 } })).toThrow('no option "width"');
});

test("points of another size are refused", async () => {
  const model = timeMlp({ inputs: 3, hidden: [8] });
  const parameters = model.parameters({ stream: randomStream(1) });
  const program = (...shape: number[]) =>
    compile(({ x, t }) => model.apply(constants(parameters), x, t), { x: f32(5, ...shape), t: f32(5) });
  await expect(program(2)).rejects.toThrow(
    "timeMlp takes points [batch, 3], got [5, 2]; make it with inputs: 2",
  );
  await expect(program(1, 3)).rejects.toThrow(
    "timeMlp takes points [batch, 3], got [5, 1, 3]; give the data as the rows of a matrix",
  );
});
