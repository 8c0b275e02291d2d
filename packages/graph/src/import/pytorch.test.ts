// Models that PyTorch exported, against PyTorch's own derivatives of them; `fixtures/pytorch/make.py` wrote both.
import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { array, specsOf, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { hessianVectorProduct, valueAndGradient } from "../differentiate.ts";
import { mean, square } from "../ops/index.ts";
import type { ArrayValue } from "../runtime/runtime.ts";
import type { Tensor } from "../tensor.ts";
import { importOnnx } from "./import-onnx.ts";

const folder = new URL("../../fixtures/pytorch/", import.meta.url);

interface Packed {
  readonly shape: readonly number[];
  readonly data: string;
  readonly integers?: boolean;
}

interface Reference {
  readonly x: Packed;
  readonly others?: Readonly<Record<string, Packed>>;
  readonly loss: number;
  readonly parameters: Readonly<Record<string, Record<"direction" | "gradient" | "product", Packed>>>;
}

const doubles = ({ data }: Packed) => {
  const bytes = Uint8Array.from(Buffer.from(data, "base64"));
  return new Float64Array(bytes.buffer);
};

function typed(packed: Packed, dtype: "f32" | "f64"): ArrayValue {
  const values = doubles(packed);
  if (packed.integers) return array(BigInt64Array.from(values, BigInt), packed.shape);
  return array(dtype === "f64" ? values : Float32Array.from(values), packed.shape);
}

/** The distance relative to the length of what is wanted. */
function distance(got: readonly number[], wanted: ArrayLike<number>): number {
  const length = (values: ArrayLike<number>) => Math.hypot(...Array.from(values));
  return length(got.map((x, i) => x - wanted[i])) / length(wanted);
}

const models = [
  "perceptron",
  "residual",
  "transformer",
  "bidirectional",
  "gated",
  "contracting",
  "separable",
  // These have named dimensions, which reshapes merge and slices end at.
  "images",
  "sequences",
  "recurrent",
  "encoder",
  // Its dimensions are sums and differences of named ones.
  "cached",
  // A token expanded to the batch, sequences of several lengths, computed paddings and sizes, an identity of any size.
  "patches",
  "packed",
  "upsampled",
  "linked",
  // Bounds whose sign depends on the sizes of a run.
  "windows",
  // Parameters that are stored once because they are equal.
  "fresh",
  // Bags and edges of any number.
  "bagged",
  "messages",
] as const;

describe.each(models)("%s", (name) => {
  test.each([
    ["in float32", "f32", "", "file", 1e-5],
    ["in float64", "f64", "-double", "file", 1e-10],
    // Constants such as the square root of 2 are rounded in the file.
    ["in float64 from a file in float32", "f64", "", "f64", 1e-7],
  ] as const)(
    "has PyTorch's loss, gradient and Hessian-vector product %s",
    async (_, dtype, suffix, precision, bound) => {
      const model = importOnnx(await readFile(new URL(`${name}${suffix}.onnx`, folder)), { precision });
      const { x, others, loss, parameters }: Reference = JSON.parse(
        await readFile(new URL(`${name}.json`, folder), "utf8"),
      );
      const names = Object.keys(parameters);
      expect(Object.keys(model.parameters)).toEqual(expect.arrayContaining(names));
      const own = Object.fromEntries(names.map((key) => [key, model.parameters[key]]));
      const direction = Object.fromEntries(
        names.map((key) => [key, typed(parameters[key].direction, dtype)]),
      );
      const inputs = Object.fromEntries(
        Object.entries({ x, ...others }).map(([key, value]) => [key, typed(value, dtype)]),
      );
      type Parameters = Record<string, Tensor>;
      using program = await compile(
        (given) => {
          const of = (p: Parameters) => mean(square(model.apply(given.inputs, p).y));
          const { value, gradient } = valueAndGradient(of)(given.own);
          return { value, gradient, product: hessianVectorProduct(of)(given.own, given.direction) };
        },
        {
          own: specsOf(own),
          direction: specsOf(direction),
          inputs: Object.fromEntries(model.inputs.map((one) => [one.name, one.spec])),
        },
      );
      const { value, gradient, product } = await program.run({ own, direction, inputs });
      expect(Math.abs(toNumbers(value)[0] - loss)).toBeLessThan(bound * loss);
      // A parameter whose gradient vanishes, as the bias of keys in attention, has only rounding.
      const whole = names.map((key) => doubles(parameters[key].gradient));
      const largest = Math.max(...whole.map((values) => Math.hypot(...values)));
      for (const [key, wanted] of Object.entries(parameters)) {
        if (Math.hypot(...doubles(wanted.gradient)) < 1e-12 * largest) continue;
        expect(distance(toNumbers(gradient[key]), doubles(wanted.gradient)), key).toBeLessThan(bound);
        expect(distance(toNumbers(product[key]), doubles(wanted.product)), key).toBeLessThan(10 * bound);
      }
    },
  );
});
