import {
  add,
  array,
  bool,
  compile,
  constant,
  f64,
  gelu,
  mul,
  specsOf,
  sub,
  type Tensor,
  toNumbers,
} from "@gradus/graph";
import { expect, test } from "vitest";
import { randomStream } from "../../random/stream.ts";
import { mapArrays } from "../../tree/arrays.ts";
import { attention } from "../attention.ts";
import { dense } from "../dense.ts";
import { type DropoutState, dropout } from "../dropout.ts";
import { layerNormalization } from "../layer-normalization.ts";
import { assertGradient, normals } from "./test-support.ts";
import { type TransformerOptions, transformer } from "./transformer.ts";

const [batch, length, width] = [2, 3, 4];
const sizes = { width, heads: 2, blocks: 2, hidden: 6 };
const start = () => ({ stream: randomStream(1), dtype: "f64" }) as const;

/** The numbers of an array, one after another, are f(1), f(2), ... */
function numbered(f: (k: number) => number): (count: number) => Float64Array {
  let k = 0;
  return (count) => Float64Array.from({ length: count }, () => f(++k));
}

/** What PyTorch's TransformerEncoder (2.6.0, norm_first, gelu, a final LayerNorm) makes of the same numbers. */
const torch = {
  all: [
    -2.34825683004, -0.243143530721, 0.762732332563, 0.388907074104, -2.27233657681, 0.317473584252,
    0.765850641835, 1.15374411913, -1.93473545971, -0.7892093816, 0.75349323794, -0.1983592902,
    -0.103486342798, 0.600913689009, 0.740322915691, 2.22973614902, -2.35489371595, -0.218997608913,
    0.7629926755, 0.418643509678, -1.9569181628, -0.772518822831, 0.753897044982, -0.183497144497,
  ],
  causal: [
    -2.37630181031, -0.00363473982423, 0.764833987192, 0.696095457245, -2.23805631834, 0.368119366352,
    0.765783482756, 1.23171113529, -2.14906596875, -0.593688676867, 0.757644401498, -0.00952720573969,
    -2.33966976442, 0.177595798173, 0.765688238845, 0.947255553795, -2.3638262815, 0.0907403749037,
    0.765362808259, 0.824750576368, -2.22081524002, -0.50243877204, 0.759221983004, 0.0877506970212,
  ],
  padded: [
    -2.34825683004, -0.243143530721, 0.762732332563, 0.388907074104, -2.27233657681, 0.317473584252,
    0.765850641835, 1.15374411913, -1.93473545971, -0.7892093816, 0.75349323794, -0.1983592902, -2.3190290114,
    -0.325735193747, 0.761758795837, 0.289304453235, -2.34887730691, -0.241017948934, 0.76275571162,
    0.391513071425, -1.94176709707, -0.783987282548, 0.753620739939, -0.193738758008,
  ],
};

test.each<[keyof typeof torch, Partial<TransformerOptions>, mask: readonly number[]]>([
  ["all", {}, [1, 1, 1, 1, 1, 1]],
  ["causal", { causal: true }, [1, 1, 1, 1, 1, 1]],
  ["padded", {}, [1, 1, 1, 1, 1, 0]],
])("gives what PyTorch gives: %s", async (name, options, mask) => {
  const model = transformer({ ...sizes, ...options });
  const sines = numbered(Math.sin);
  const parameters = mapArrays(
    ({ shape, data }) => array(sines(data.length), shape),
    model.parameters(start()),
  );
  const x = array(numbered(Math.cos)(batch * length * width), [batch, length, width]);
  using program = await compile(({ p, x, mask }) => model.apply(p, x, mask), {
    p: specsOf(parameters),
    x: f64(batch, length, width),
    mask: bool(batch, length),
  });
  const y = await program.run({ p: parameters, x, mask: array(Uint8Array.from(mask), [batch, length]) });
  expect(y.shape).toEqual([batch, length, width]);
  for (const [i, v] of toNumbers(y).entries()) expect(v).toBeCloseTo(torch[name][i], 10);
});

test("the gradient is that of central differences", async () => {
  const model = transformer({ ...sizes, causal: true, activation: "tanh" });
  const { data } = normals(2, [batch, length, width]);
  await assertGradient(
    model.parameters(start()),
    (p) => model.apply(p, constant(data, [batch, length, width])),
    { tolerance: 1e-5 },
  );
});

test("in training, dropout is where the formula has it: masks of its seeds, applied by hand", async () => {
  const rate = 0.4;
  const model = transformer({ ...sizes, dropoutRate: rate, causal: true });
  const parameters = model.parameters(start());
  const state = model.state(start());
  const ofMask = (state: DropoutState, h: Tensor, seed: number) =>
    mul(h, dropout(state, add(mul(h, 0), 1), { rate, seed }));
  using program = await compile(
    ({ p, state, x }) => {
      let h: Tensor = x;
      p.blocks.forEach((b, i) => {
        const heard = attention(b.attention, layerNormalization(b.attentionNormalization, h), {
          ...{ heads: 2, causal: true },
          dropWeights: (weights) => ofMask(state, weights, 4 * i),
        });
        const seen = add(h, ofMask(state, heard, 4 * i + 1));
        const units = gelu(dense(b.hidden, layerNormalization(b.hiddenNormalization, seen)));
        h = add(seen, ofMask(state, dense(b.output, ofMask(state, units, 4 * i + 2)), 4 * i + 3));
      });
      const trained = model.applyTraining(p, state, x);
      return {
        byHand: layerNormalization(p.normalization, h),
        trained: trained.output,
        evaluated: model.apply(p, x),
        kept: transformer({ ...sizes, causal: true }).applyTraining(p, state, x).output,
        later: model.applyTraining(p, trained.state, x).output,
      };
    },
    { p: specsOf(parameters), state: specsOf(state), x: f64(batch, length, width) },
  );
  const { data } = normals(2, [batch, length, width]);
  const run = await program.run({ p: parameters, state, x: array(data, [batch, length, width]) });
  const [byHand, trained, evaluated, kept, later] = [
    run.byHand,
    run.trained,
    run.evaluated,
    run.kept,
    run.later,
  ].map(toNumbers);
  for (const [i, v] of byHand.entries()) expect(trained[i]).toBeCloseTo(v, 12);
  const distance = (a: readonly number[], b: readonly number[]) =>
    Math.max(...a.map((v, i) => Math.abs(v - b[i])));
  expect(distance(evaluated, kept)).toBeLessThan(1e-12);
  for (const other of [evaluated, later]) expect(distance(trained, other)).toBeGreaterThan(0.1);
});

test("where nearly everything is dropped the input alone is left, normalized", async () => {
  const model = transformer({ ...sizes, dropoutRate: 1 - 1e-15 });
  const parameters = model.parameters(start());
  const state = model.state(start());
  using program = await compile(
    ({ p, state, x }) => sub(model.applyTraining(p, state, x).output, layerNormalization(p.normalization, x)),
    { p: specsOf(parameters), state: specsOf(state), x: f64(batch, length, width) },
  );
  const { data } = normals(2, [batch, length, width]);
  const rest = await program.run({ p: parameters, state, x: array(data, [batch, length, width]) });
  expect(Math.max(...toNumbers(rest).map(Math.abs))).toBe(0);
});

test("the gradient with dropped entries is that of central differences", async () => {
  const model = transformer({ ...sizes, dropoutRate: 0.3 });
  const { data } = normals(2, [batch, length, width]);
  const counter = constant(BigInt64Array.of(5n), []);
  await assertGradient(
    model.parameters(start()),
    (p) => model.applyTraining(p, { counter }, constant(data, [batch, length, width])).output,
    { tolerance: 1e-5 },
  );
});

test("a block keeps the order of its positions: exchanged inputs give exchanged outputs", async () => {
  const model = transformer(sizes);
  const parameters = model.parameters(start());
  const { data } = normals(2, [length, width]);
  const reversed = Float64Array.from(
    data,
    (_, i) => data[(length - 1 - Math.floor(i / width)) * width + (i % width)],
  );
  using program = await compile(({ p, x }) => model.apply(p, x), {
    p: specsOf(parameters),
    x: f64(1, length, width),
  });
  const outputs = await Promise.all(
    [data, reversed].map(async (values) =>
      toNumbers(await program.run({ p: parameters, x: array(values, [1, length, width]) })),
    ),
  );
  for (const [i, v] of outputs[0].entries())
    expect(outputs[1][(length - 1 - Math.floor(i / width)) * width + (i % width)]).toBeCloseTo(v, 12);
});

test("starts with attention's three matrices of Glorot's variance each, four times as many hidden units as features", () => {
  const { blocks } = transformer({ width: 64, heads: 4, blocks: 1 }).parameters(start());
  const { weights } = blocks[0].attention.inputs;
  const squares = toNumbers(weights).reduce((total, v) => total + v * v, 0);
  expect(squares / weights.data.length).toBeCloseTo(1 / 64, 3);
  expect(blocks[0].hidden.weights.shape).toEqual([64, 256]);
});

test.each<[Partial<TransformerOptions>, string]>([
  [{ heads: 3 }, "heads must divide the width 4, got 3"],
  [{ blocks: 0 }, "blocks must be a positive integer, got 0"],
  [{ hidden: 2.5 }, "hidden must be a positive integer, got 2.5"],
  [{ dropoutRate: 1 }, "dropoutRate must be in [0, 1), got 1"],
])("refuses %o", (options, message) => {
  expect(() => transformer({ ...sizes, ...options })).toThrow(message);
});
