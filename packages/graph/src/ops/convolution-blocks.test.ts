import { describe, expect, test } from "vitest";
import { array } from "../arrays.ts";
import { compile } from "../compile.ts";
import { constant, f32, input, type Tensor } from "../tensor.ts";
import { toOnnx, trace } from "../trace.ts";
import { type ConvolutionOptions, convolution } from "./convolution.ts";
import { fitsBlocks } from "./convolution-blocks.ts";
import { numbers } from "./derivative-harness.ts";
import { flip, mul, sum, transpose } from "./index.ts";
import { assertLayerAgrees } from "./layer-testing.ts";

const BLOCK = 16;
const DOMAIN = "com.microsoft.nchwc";

const fits = (x: readonly (number | string)[], w: readonly number[], options: ConvolutionOptions = {}) => {
  const tensor = (shape: readonly (number | string)[]) => input("", { dtype: "f32", shape });
  return fitsBlocks(convolution(tensor(x), tensor(w), { padding: w[2] >> 1, ...options }), BLOCK);
};

describe("a convolution works in blocks", () => {
  test("of whole channels, or of fewer than a block", () => {
    expect(fits([64, 32, 14, 14], [16, 32, 3, 3])).toBe(true);
    expect(fits([64, 8, 14, 14], [8, 8, 3, 3])).toBe(true);
    expect(fits([64, 24, 14, 14], [16, 24, 3, 3])).toBe(false);
    expect(fits(["n", 16, 14, 14], [17, 16, 3, 3])).toBe(true);
  });

  test("not with constant weights, which ONNX Runtime itself puts in blocks", () => {
    const x = input("", { dtype: "f32", shape: [64, 16, 14, 14] });
    const weights = constant(new Float32Array(16 * 16 * 9), [16, 16, 3, 3]);
    expect(fitsBlocks(convolution(x, weights), BLOCK)).toBe(false);
    expect(fitsBlocks(convolution(x, mul(weights, sum(x))), BLOCK)).toBe(true);
  });

  test("of several rows of few outputs, where the rows of the result can be divided", () => {
    expect(fits([64, 16, 28, 28], [1, 16, 3, 3])).toBe(true);
    expect(fits([64, 16, 29, 28], [1, 16, 3, 3])).toBe(false);
    expect(fits([64, 16, 28, 28], [1, 16, 3, 3], { dilations: 2, padding: 2 })).toBe(false);
  });

  test("not for few entries under a window, little work, groups or other ranks", () => {
    expect(fits([64, 3, 28, 28], [16, 3, 3, 3])).toBe(false);
    expect(fits([64, 64, 28, 28], [64, 64, 1, 1])).toBe(false);
    expect(fits([1, 16, 8, 8], [16, 16, 3, 3])).toBe(false);
    expect(fits([64, 32, 14, 14], [32, 16, 3, 3], { groups: 2 })).toBe(false);
    expect(fits([64, 32, 999], [32, 32, 3])).toBe(false);
  });
});

const cases: readonly (readonly [string, readonly number[], readonly number[], ConvolutionOptions])[] = [
  ["channels fewer than a block", [8, 6, 14, 13], [12, 6, 3, 3], { padding: 1 }],
  ["one block to one", [4, 16, 14, 13], [16, 16, 3, 3], { padding: 1 }],
  ["two blocks to a block and one more", [4, 32, 9, 10], [17, 32, 3, 2], {}],
  ["more weights than are taken from their places", [1, 32, 9, 8], [128, 32, 3, 3], { padding: 1 }],
  ["two rows of eight outputs of many channels", [1, 256, 8, 8], [8, 256, 3, 3], { padding: 1 }],
  ["strides", [4, 16, 15, 16], [32, 16, 3, 3], { padding: 1, strides: [2, 1] }],
  ["dilations", [4, 16, 16, 15], [16, 16, 3, 3], { padding: [1, [3, 0]], dilations: [1, 2] }],
  ["other leading dimensions", [2, 3, 16, 9, 9], [16, 16, 3, 3], { padding: [[2, 0], 1] }],
  ["no leading dimension", [16, 20, 21], [16, 16, 3, 3], { padding: 1 }],
  ["windows beyond the padding", [8, 64, 4, 4], [16, 64, 2, 2], { padding: 2 }],
  ["two rows of eight outputs", [8, 8, 14, 13], [8, 8, 3, 3], { padding: 1 }],
  ["two rows of seven outputs, from two blocks", [4, 32, 12, 10], [7, 32, 3, 2], {}],
  ["five rows of three outputs", [4, 16, 15, 16], [3, 16, 3, 3], { padding: [[2, 0], 1], strides: [1, 2] }],
  [
    "four rows of four outputs, two apart",
    [8, 16, 17, 16],
    [4, 16, 3, 3],
    { padding: [[0, 1], 1], strides: [2, 1] },
  ],
  [
    "eight rows of one output, a window's last",
    [2, 3, 32, 8, 8],
    [1, 32, 5, 3],
    { padding: 2, dilations: [1, 2] },
  ],
];

describe("the values and derivatives of a convolution in blocks are those of matrix products in float64", () => {
  test.each(cases)("%s", (_, xShape, wShape, options) =>
    assertLayerAgrees({
      shapes: { x: xShape, w: wShape, b: [wShape[0], 1, 1] },
      f: ({ x, w }) => convolution(x, w, options),
      seed: 3,
    }),
  );
});

describe("weights whose entries are only moved are read from where they come from", () => {
  const specs = { x: f32(8, 16, 14, 14), w: f32(16, 24, 3, 3) };
  const moved = (w: Tensor) => flip(transpose(w, [1, 0, 2, 3]), [2, 3]);

  test.each([false, true])("also where another result has them: %s", async (shown) => {
    const next = numbers(5);
    const draw = (shape: readonly number[]) =>
      array(
        Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => next() - 0.5),
        shape,
      );
    const [x, w] = [draw([8, 16, 14, 14]), draw([16, 24, 3, 3])];
    using program = await compile(
      (given) => ({
        y: convolution(given.x, moved(given.w), { padding: 1 }),
        moved: shown ? moved(given.w) : given.w,
      }),
      specs,
    );
    const result = await program.run({ x, w });
    const flipped = Float32Array.from({ length: 24 * 16 * 9 }, (_, i) => {
      const [o, c, tap] = [Math.floor(i / 144), Math.floor(i / 9) % 16, i % 9];
      return Number(w.data[(c * 24 + o) * 9 + 8 - tap]);
    });
    using plain = await compile((given) => convolution(given.x, given.w, { padding: 1 }), {
      x: f32(8, 16, 14, 14),
      w: f32(24, 16, 3, 3),
    });
    const expected = await plain.run({ x, w: array(flipped, [24, 16, 3, 3]) });
    expect(result.y.data).toStrictEqual(expected.data);
    expect(result.moved.data).toStrictEqual(shown ? flipped : w.data);
  });

  test("whose axes change places in a cycle", async () => {
    const next = numbers(6);
    const draw = (size: number) => Float32Array.from({ length: size }, () => next() - 0.5);
    const x = array(draw(8 * 16 * 14 * 14), [8, 16, 14, 14]);
    const w = draw(2 * 24 * 16 * 3);
    using program = await compile(
      (given) => convolution(given.x, transpose(given.w, [1, 2, 3, 0]), { padding: 1 }),
      { x: specs.x, w: f32(2, 24, 16, 3) },
    );
    using plain = await compile((given) => convolution(given.x, given.w, { padding: 1 }), {
      x: specs.x,
      w: f32(24, 16, 3, 2),
    });
    // the column, first of four axes, goes last
    const inOrder = w.map((_, i) => w[(i % 2) * 24 * 16 * 3 + Math.floor(i / 2)]);
    const expected = await plain.run({ x, w: array(inOrder, [24, 16, 3, 2]) });
    const { data } = await program.run({ x, w: array(w, [2, 24, 16, 3]) });
    expect(data).toHaveLength(expected.data.length);
    // by the index: a list of all that differ would take minutes
    expect(expected.data.findIndex((value, i) => value !== data[i])).toBe(-1);
  });

  test("so that the model neither flips nor transposes them", () => {
    const traced = trace(({ x, w }) => convolution(x, moved(w), { padding: 1 }), specs);
    const model = new TextDecoder("latin1").decode(toOnnx(traced, { block: BLOCK }));
    expect(model).not.toMatch(/Slice|Transpose/);
  });
});

test("only the model for such a runtime has blocks, and a program's model is for any", async () => {
  const specs = { x: f32("n", 16, 16, 16), w: f32(16, 16, 3, 3) };
  const traced = trace(({ x, w }) => convolution(x, w), specs);
  const text = (model: Uint8Array) => new TextDecoder("latin1").decode(model);
  expect(text(toOnnx(traced, { block: BLOCK }))).toContain(DOMAIN);
  expect(text(toOnnx(traced))).not.toContain(DOMAIN);
  using program = await compile(({ x, w }) => convolution(x, w), specs);
  expect(text(program.model)).not.toContain(DOMAIN);
});
