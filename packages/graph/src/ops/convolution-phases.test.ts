import { describe, expect, test } from "vitest";
import { gradient } from "../differentiate.ts";
import { constant, f32, input, type Tensor } from "../tensor.ts";
import { toOnnx, trace } from "../trace.ts";
import {
  type ConvolutionOptions,
  type ConvolutionTransposeOptions,
  convolution,
  convolutionTranspose,
} from "./convolution.ts";
import { fitsPhases } from "./convolution-phases.ts";
import { flip, square, sum, transpose } from "./index.ts";
import { assertLayerAgrees, type LayerValues } from "./layer-testing.ts";

const BLOCK = 16;

const tensor = (...shape: (number | string)[]) => input("", { dtype: "f32", shape });

describe("a transposed convolution works in phases", () => {
  const fits = (
    y: readonly (number | string)[],
    w: readonly number[],
    options: ConvolutionTransposeOptions = {},
  ) => fitsPhases(convolutionTranspose(tensor(...y), tensor(...w), { strides: 2, ...options }), BLOCK);

  test("of whole blocks, where strides divide the sizes of its result", () => {
    expect(fits([64, 16, 4, 4], [16, 16, 4, 4], { padding: 1 })).toBe(true);
    expect(fits(["n", 32, 7, 7], [32, 16, 3, 3], { padding: 1, outputPadding: 1 })).toBe(true);
    expect(fits(["n", 32, 7, 7], [32, 16, 3, 3], { padding: 1 })).toBe(false);
    expect(fits([64, 16, 4, 4], [16, 8, 4, 4], { padding: 1 })).toBe(false);
    expect(fits([64, 24, 4, 4], [24, 16, 4, 4], { padding: 1 })).toBe(false);
  });

  test("not for little work, groups, dilations, or strides as long as the kernel or longer", () => {
    expect(fits([1, 16, 4, 4], [16, 16, 4, 4], { padding: 1 })).toBe(false);
    expect(fits([64, 32, 4, 4], [32, 16, 4, 4], { padding: 1, groups: 2 })).toBe(false);
    expect(fits([64, 16, 4, 4], [16, 16, 4, 4], { dilations: 2 })).toBe(false);
    expect(fits([64, 16, 8, 8], [16, 16, 2, 2])).toBe(false);
    expect(fits([64, 16, 8, 8], [16, 16, 2, 2], { strides: 3, outputPadding: 1 })).toBe(false);
  });

  test("not with constant weights", () => {
    const weights = constant(new Float32Array(16 * 16 * 16), [16, 16, 4, 4]);
    const result = convolutionTranspose(tensor(64, 16, 4, 4), weights, { strides: 2, padding: 1 });
    expect(fitsPhases(result, BLOCK)).toBe(false);
  });
});

const transposes: readonly (readonly [
  string,
  readonly number[],
  readonly number[],
  ConvolutionTransposeOptions,
])[] = [
  ["4 x 4 kernels", [16, 16, 4, 5], [16, 32, 4, 4], { strides: 2, padding: 1 }],
  [
    "3 x 3 kernels, more entries at the ends",
    [8, 32, 6, 5],
    [32, 16, 3, 3],
    { strides: 2, padding: 1, outputPadding: 1 },
  ],
  ["strides along rows alone", [8, 16, 6, 9], [16, 16, 4, 3], { strides: [2, 1], padding: 1 }],
  [
    "strides of 3, other padding at each end",
    [8, 16, 5, 6],
    [16, 16, 5, 4],
    { strides: 3, padding: [1, [0, 1]] },
  ],
  [
    "strides as long as rows of the kernel",
    [2, 3, 16, 8, 8],
    [16, 48, 2, 4],
    { strides: 2, padding: [0, 1] },
  ],
  ["no leading dimension", [32, 20, 20], [32, 16, 4, 4], { strides: 2, padding: 1 }],
];

const strided: readonly (readonly [string, readonly number[], readonly number[], ConvolutionOptions])[] = [
  ["3 x 3 kernels", [16, 16, 8, 10], [32, 16, 3, 3], { strides: 2, padding: 1 }],
  ["rows that no window covers", [16, 16, 9, 12], [32, 16, 3, 3], { strides: [3, 2] }],
];

describe("values and derivatives in phases are those of matrix products in float64", () => {
  const all = [
    ...transposes.map(([name, x, w, options]) => ({
      name: `transposed convolution, ${name}`,
      shapes: { x, w, b: [w[1], 1, 1] },
      f: (t: LayerValues) => convolutionTranspose(t.x, t.w, options),
    })),
    ...strided.map(([name, x, w, options]) => ({
      name: `convolution with strides, ${name}`,
      shapes: { x, w, b: [w[0], 1, 1] },
      f: (t: LayerValues) => convolution(t.x, t.w, options),
    })),
  ];
  test.each(all.map((c) => [c.name, c] as const))("%s", (_, { shapes, f }) =>
    assertLayerAgrees({ shapes, f, seed: 4 }),
  );
});

describe("the model for such a runtime", () => {
  const text = (f: (t: { x: Tensor; w: Tensor }) => Tensor, block?: number) => {
    const traced = trace(f, { x: f32(64, 16, 8, 8), w: f32(16, 16, 3, 3) });
    return new TextDecoder("latin1").decode(toOnnx(traced, { block }));
  };
  const options = { strides: 2, padding: 1 };
  const sumOfSquares = ({ x, w }: { x: Tensor; w: Tensor }) => sum(square(convolution(x, w, options)));

  test("has no transposed convolution, also in the gradient of one with strides", () => {
    const toInput = (t: { x: Tensor; w: Tensor }) => gradient(sumOfSquares)(t).x;
    expect(text(toInput)).toContain("ConvTranspose");
    expect(text(toInput, BLOCK)).not.toContain("ConvTranspose");
  });

  test("reads weights whose entries are only moved from where they come from", () => {
    const moved = (w: Tensor) => flip(transpose(w, [1, 0, 2, 3]), [2, 3]);
    const model = text(
      ({ x, w }) => convolutionTranspose(x, moved(w), { ...options, outputPadding: 1 }),
      BLOCK,
    );
    expect(model).not.toMatch(/Slice|Transpose/);
  });
});
