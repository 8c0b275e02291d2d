import { compile, f32, type Tensor } from "@gradus/graph";
import { expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import { randomStream } from "../random/stream.ts";
import * as nn from "./index.ts";

const stream = randomStream(1);
// Typed so that nothing but the check at run time sees the option.
const unknown: object = { unheardOf: 1 };
const sizes = { inputs: 2, outputs: 2, ...unknown };
const start = { ...sizes, stream };

const begin = { stream, ...unknown };
const small = nn.vgg({ input: [1, 2, 2], stages: [[1]], hidden: [], outputs: 1 });

/** The error of tracing a function of an image batch [2, 4, 4, 4] of float32. */
async function traced(f: (x: Tensor) => unknown): Promise<unknown> {
  try {
    const program = await compile(
      (x: Tensor) => {
        f(x);
        return x;
      },
      f32(2, 4, 4, 4),
    );
    await program.dispose();
  } catch (error) {
    return error;
  }
  return undefined;
}

const channels = (x: Tensor) => ({ scale: x, shift: x });
const running = (x: Tensor) => ({ mean: x, variance: x });
const layer = (x: Tensor) => ({ weights: x, bias: x });
const block = (x: Tensor) => ({
  firstNormalization: channels(x),
  first: layer(x),
  condition: [],
  secondNormalization: channels(x),
  second: layer(x),
  shortcut: [],
});

test.each<[string, (x: Tensor) => unknown]>([
  ["batchNormalization", (x) => nn.batchNormalization(channels(x), running(x), x, unknown)],
  ["batchNormalizationInference", (x) => nn.batchNormalizationInference(channels(x), running(x), x, unknown)],
  ["convolutionParameters", () => nn.convolutionParameters({ ...start, kernel: [3] })],
  ["convolutionTransposeParameters", () => nn.convolutionTransposeParameters({ ...start, kernel: [3] })],
  ["convolutionLayer", (x) => nn.convolutionLayer(layer(x), x, unknown)],
  ["convolutionTransposeLayer", (x) => nn.convolutionTransposeLayer(layer(x), x, unknown)],
  ["denseParameters", () => nn.denseParameters(start)],
  ["dropout", (x) => nn.dropout({ counter: x }, x, { rate: 0, seed: 1, ...unknown })],
  ["groupNormalization", (x) => nn.groupNormalization(channels(x), x, { groups: 1, ...unknown })],
  ["layerNormalization", (x) => nn.layerNormalization(channels(x), x, unknown)],
  ["ntkDenseParameters", () => nn.ntkDenseParameters(start)],
  ["ntkDense", (x) => nn.ntkDense(layer(x), x, unknown)],
  [
    "residualBlockParameters",
    () => nn.residualBlockParameters({ ...start, dimension: 1, conditionFeatures: 0 }),
  ],
  ["residualBlock", (x) => nn.residualBlock(block(x), x, undefined, { groups: 1, ...unknown })],
  ["sinusoidalEmbedding", (x) => nn.sinusoidalEmbedding(x, { dimension: 4, ...unknown })],
  [
    "fourierFrequencies",
    () => nn.fourierFrequencies({ inputs: 1, count: 2, deviation: 1, stream, ...unknown }),
  ],
  ["varianceScaling", () => nn.varianceScaling({ scale: 1, fan: "in", distribution: "normal", ...unknown })],
  ["orthogonalWeights", () => nn.orthogonalWeights(unknown)],
  ["uniformNoise", () => nn.uniformNoise([2], { seed: 1, counter: 0, ...unknown })],
  ["normalNoise", () => nn.normalNoise([2], { seed: 1, counter: 0, ...unknown })],
  ["mlp", () => nn.mlp({ ...sizes, hidden: [] })],
  ["convnet", () => nn.convnet({ input: [1, 4], stages: [], outputs: 1, ...unknown })],
  ["directionNetwork", () => nn.directionNetwork({ dimension: 1, ...unknown })],
  ["resNet", () => nn.resNet({ channels: 1, outputs: 1, ...unknown })],
  ["residualMlp", () => nn.residualMlp({ ...sizes, width: 2, blocks: 1 })],
  ["uNet", () => nn.uNet({ dimension: 1, channels: 1, filters: [8], ...unknown })],
  ["vgg", () => nn.vgg({ input: [1, 2, 2], stages: [[1]], hidden: [], outputs: 1, ...unknown })],
  // Methods of models.
  ["mlp.parameters", () => nn.mlp({ inputs: 1, hidden: [], outputs: 1 }).parameters(begin)],
  ["convnet.parameters", () => nn.convnet({ input: [1, 4], stages: [], outputs: 1 }).parameters(begin)],
  ["directionNetwork.parameters", () => nn.directionNetwork({ dimension: 1 }).parameters(begin)],
  ["resNet.parameters", () => nn.resNet({ channels: 1, outputs: 1 }).parameters(begin)],
  ["resNet.state", () => nn.resNet({ channels: 1, outputs: 1 }).state(begin)],
  [
    "residualMlp.parameters",
    () => nn.residualMlp({ inputs: 1, outputs: 1, width: 2, blocks: 1 }).parameters(begin),
  ],
  ["uNet.parameters", () => nn.uNet({ dimension: 1, channels: 1, filters: [8] }).parameters(begin)],
  ["vgg.parameters", () => small.parameters(begin)],
  ["vgg.state", () => small.state(begin)],
  // Options inside options.
  ["ntk", () => nn.mlp({ inputs: 1, hidden: [], outputs: 1, ntk: unknown })],
  [
    "stages[0]",
    () => nn.convnet({ input: [1, 4], stages: [{ filters: 1, kernel: 1, ...unknown }], outputs: 1 }),
  ],
  [
    "stages[0]",
    () => nn.resNet({ channels: 1, outputs: 1, stages: [{ filters: 1, blocks: 1, ...unknown }] }),
  ],
  ["normalization", () => nn.resNet({ channels: 1, outputs: 1, normalization: { groups: 1, ...unknown } })],
  [
    "time",
    () => nn.residualMlp({ inputs: 1, outputs: 1, width: 2, blocks: 1, time: { features: 4, ...unknown } }),
  ],
  [
    "time",
    () => nn.uNet({ dimension: 1, channels: 1, filters: [16], time: { features: 4, width: 4, ...unknown } }),
  ],
])("%s refuses an unknown option", async (of, f) => {
  const error = await traced(f);
  expect(error).toBeInstanceOf(ArgumentError);
  expect(error).toHaveProperty("message", expect.stringContaining(`${of} has no option "unheardOf"`));
});

// A value from plain JavaScript, where nothing holds it to the type.
const other = (value: string) => value as never;

test.each<[string, () => unknown]>([
  ["fan", () => nn.varianceScaling({ scale: 1, fan: other("both"), distribution: "normal" })],
  ["distribution", () => nn.varianceScaling({ scale: 1, fan: "in", distribution: other("cauchy") })],
  ["pooling", () => nn.convnet({ input: [1, 4], stages: [], outputs: 1, pooling: other("min") })],
  ["normalization", () => nn.resNet({ channels: 1, outputs: 1, normalization: other("layer") })],
  ["dtype", () => nn.denseParameters({ inputs: 1, outputs: 1, stream, dtype: other("f16") })],
  [
    "dtype",
    () => nn.convolutionParameters({ inputs: 1, outputs: 1, kernel: [1], stream, dtype: other("f16") }),
  ],
  ["dtype", () => nn.groupNormalizationParameters(1, other("f16"))],
  ["dtype", () => nn.fourierFrequencies({ inputs: 1, count: 1, deviation: 1, stream, dtype: other("f16") })],
  ["dtype", () => nn.normalNoise([2], { seed: 1, counter: 0, dtype: other("f16") })],
])("an unknown value of %s is refused", (name, f) => {
  expect(f).toThrow(ArgumentError);
  expect(f).toThrow(name);
});
