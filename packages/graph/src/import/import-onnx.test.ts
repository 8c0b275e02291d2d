import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { array, constants, specsOf, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { hessianVectorProduct, valueAndGradient } from "../differentiate.ts";
import { GraphError, InputError, UnsupportedError } from "../errors.ts";
import { exportOnnx } from "../export-onnx.ts";
import { add, convolution, crossEntropy, matmul, mean, relu, reshape, softmax } from "../ops/index.ts";
import { perExampleGradients } from "../per-example.ts";
import type { ArrayValue } from "../runtime/runtime.ts";
import { f32, f64, i64, type Tensor } from "../tensor.ts";
import type { MapTree } from "../tree.ts";
import { vmap } from "../vectorize.ts";
import { externalFiles } from "./external-files.ts";
import { importOnnx } from "./import-onnx.ts";
import { functionBytes, graphBytes, modelBytes, nodeBytes, tensorBytes } from "./model-bytes.ts";

const wave = (shape: number[], phase: number) =>
  array(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(1.7 * i + phase)),
    shape,
  );

const parameters = {
  "conv.weight": wave([4, 1, 3, 3], 0),
  "head.weight": wave([36, 3], 1),
  "head.bias": wave([3], 2),
};
type Parameters = MapTree<typeof parameters, ArrayValue, Tensor>;

function network(p: Parameters, image: Tensor): Tensor {
  const features = relu(convolution(image, p["conv.weight"], { padding: 1, strides: 2 }));
  return add(matmul(reshape(features, [image.shape[0], 36]), p["head.weight"]), p["head.bias"]);
}

const file = exportOnnx(
  ({ image, ...p }) => ({ logits: network(p, image) }),
  { image: f32("batch", 1, 6, 6) },
  {
    constants: parameters,
  },
);
const images = wave([5, 1, 6, 6], 3);
const labels = BigInt64Array.of(0n, 1n, 2n, 1n, 0n);

describe("a model that this library exported", () => {
  const model = importOnnx(file);

  test("has its inputs, outputs and parameters by name", () => {
    expect(model.inputs).toEqual([{ name: "image", spec: { dtype: "f32", shape: ["batch", 1, 6, 6] } }]);
    expect(model.outputs).toEqual(["logits"]);
    expect(Object.keys(model.parameters).sort()).toEqual(Object.keys(parameters).sort());
    expect(model.parameters["head.bias"].data).toEqual(parameters["head.bias"].data);
    expect([model.opset, model.producer, model.operators.Conv]).toEqual([21, "gradus", 1]);
  });

  test("has the same value, gradient and Hessian-vector product", async () => {
    const loss =
      (apply: (p: Parameters, image: Tensor) => Tensor) =>
      ({ p, x, y }: { p: Parameters; x: Tensor; y: Tensor }) =>
        mean(crossEntropy(apply(p, x), y));
    const imported = (p: Parameters, image: Tensor) => model.apply({ image }, p).logits;
    const specs = { p: specsOf(parameters), x: f32("batch", 1, 6, 6), y: i64("batch") };
    const all = (apply: typeof imported) => (inputs: { p: Parameters; x: Tensor; y: Tensor }) => {
      const over = (p: Parameters) => loss(apply)({ ...inputs, p });
      return { ...valueAndGradient(over)(inputs.p), product: hessianVectorProduct(over)(inputs.p, inputs.p) };
    };
    using original = await compile(all(network), specs);
    using again = await compile(all(imported), specs);
    const inputs = { p: parameters, x: images, y: labels };
    const [wanted, got] = [await original.run(inputs), await again.run(inputs)];
    expect(toNumbers(got.value)).toEqual(toNumbers(wanted.value));
    for (const key of ["conv.weight", "head.weight", "head.bias"] as const) {
      expect(toNumbers(got.gradient[key])).toEqual(toNumbers(wanted.gradient[key]));
      toNumbers(got.product[key]).forEach((x, i) => {
        expect(x).toBeCloseTo(toNumbers(wanted.product[key])[i], 5);
      });
    }
  });

  test("is exported again with the same names and no more nodes", async () => {
    const again = exportOnnx(
      ({ image, ...p }) => model.apply({ image }, p),
      { image: f32("batch", 1, 6, 6) },
      {
        constants: model.parameters,
      },
    );
    const twice = importOnnx(again);
    expect(Object.keys(twice.parameters).sort()).toEqual(Object.keys(parameters).sort());
    expect(twice.operators).toEqual(model.operators);
    using program = await compile((image) => importOnnx(again).apply({ image }).logits, f32(5, 1, 6, 6));
    using first = await compile((image) => network(constants(parameters), image), f32(5, 1, 6, 6));
    expect(toNumbers(await program.run(images))).toEqual(toNumbers(await first.run(images)));
  });

  test("is computed in float64 when asked", async () => {
    const precise = importOnnx(file, { precision: "f64" });
    expect(precise.parameters["head.bias"].dtype).toBe("f64");
    using program = await compile((image) => softmax(precise.apply({ image }).logits), f64(5, 1, 6, 6));
    using single = await compile((image) => softmax(model.apply({ image }).logits), f32(5, 1, 6, 6));
    const doubled = array(Float64Array.from(toNumbers(images)), images.shape);
    const [a, b] = [toNumbers(await program.run(doubled)), toNumbers(await single.run(images))];
    a.forEach((x, i) => {
      expect(Math.abs(x - b[i])).toBeLessThan(1e-6);
      expect(x).not.toBe(b[i]);
    });
  });

  test("is vectorized, and has gradients for each example", async () => {
    const specs = { p: specsOf(parameters), x: f32(5, 1, 6, 6), y: i64(5) };
    const one = (p: Parameters, { x, y }: { x: Tensor; y: Tensor }) =>
      mean(crossEntropy(model.apply({ image: reshape(x, [1, 1, 6, 6]) }, p).logits, reshape(y, [1])));
    using program = await compile(
      ({ p, x, y }) => ({
        each: perExampleGradients(one)(p, { x, y }),
        whole: valueAndGradient((q: Parameters) =>
          mean(crossEntropy(model.apply({ image: x }, q).logits, y)),
        )(p).gradient,
        mapped: vmap((image: Tensor) => model.apply({ image: reshape(image, [1, 1, 6, 6]) }, p).logits)(x),
        batch: model.apply({ image: x }, p).logits,
      }),
      specs,
    );
    const { each, whole, mapped, batch } = await program.run({ p: parameters, x: images, y: labels });
    const bias = toNumbers(each["head.bias"]);
    toNumbers(whole["head.bias"]).forEach((x, k) => {
      const average = [0, 1, 2, 3, 4].reduce((sum, i) => sum + bias[3 * i + k] / 5, 0);
      expect(average).toBeCloseTo(x, 6);
    });
    toNumbers(batch).forEach((x, i) => {
      expect(toNumbers(mapped)[i]).toBeCloseTo(x, 5);
    });
  });
});

/** A model of one node from x to y. */
const single = (opType: string, domain?: string) =>
  modelBytes(
    graphBytes({
      nodes: [nodeBytes(opType, ["x"], ["y"], {}, domain)],
      inputs: [["x", 1, [2]]],
      outputs: [["y", 1, [2]]],
    }),
  );

describe("refuses", () => {
  test("arguments that it cannot take", () => {
    expect(() => importOnnx(5 as never)).toThrow(InputError);
    expect(() => importOnnx(file, { precise: true } as never)).toThrow("precise");
    expect(() => importOnnx(file, { precision: "f16" as never })).toThrow('"file" or "f64", got "f16"');
    expect(() => importOnnx(file, { straightThrough: 1 as never })).toThrow(
      "straightThrough must be true or false, got 1",
    );
    expect(() => importOnnx(new Uint8Array())).toThrow("it has no outputs");
  });

  test("inputs and parameters that the model does not have", () => {
    const model = importOnnx(file);
    const run = (f: (x: Tensor) => unknown, shape = [5, 1, 6, 6]) =>
      compile((x) => f(x) as Tensor, f32(...shape));
    expect(() => model.apply({})).toThrow("input image is missing");
    return Promise.all([
      expect(run((x) => model.apply({ images: x }))).rejects.toThrow('no input "images"; it has image'),
      expect(run((x) => model.apply({ image: x }, { bias: x }))).rejects.toThrow('no parameter "bias"'),
      expect(run((x) => model.apply({ image: x }), [6, 6])).rejects.toThrow(
        "must be f32[batch, 1, 6, 6], got f32[6, 6]",
      ),
      expect(run((x) => model.apply({ image: x }), [5, 2, 6, 6])).rejects.toThrow("Conv ("),
    ]);
  });

  test("all operators that it does not know, with their nodes", () => {
    const bytes = modelBytes(
      graphBytes({
        nodes: [nodeBytes("Frobnicate", ["x"], ["a"]), nodeBytes("Twist", ["a"], ["y"], {}, "org.example")],
        inputs: [["x", 1, [2]]],
        outputs: [["y", 1, [2]]],
      }),
    );
    expect(() => importOnnx(bytes)).toThrow(
      "operators that are not supported: Frobnicate (a); org.example.Twist (y)",
    );
    expect(() => importOnnx(single("constructor"))).toThrow("constructor (y)");
    expect(() => importOnnx(single("Relu", "__proto__"))).toThrow(UnsupportedError);
  });

  test("values that are used before they are computed, as in a cycle", async () => {
    const bytes = modelBytes(
      graphBytes({
        nodes: [nodeBytes("Add", ["x", "b"], ["a"]), nodeBytes("Relu", ["a"], ["b"])],
        inputs: [["x", 1, [2]]],
        outputs: [["b", 1, [2]]],
      }),
    );
    const model = importOnnx(bytes);
    await expect(compile((x) => model.apply({ x }), f32(2))).rejects.toThrow(
      "b is not computed before it is used",
    );
  });

  test("tensors that claim more than the file has, before anything is allocated", () => {
    const claim = (shape: number[], data = Float32Array.of(1)) =>
      modelBytes(
        graphBytes({
          nodes: [nodeBytes("Add", ["x", "w"], ["y"])],
          initializers: [tensorBytes("w", 1, shape, data)],
          inputs: [["x", 1, [2]]],
          outputs: [["y", 1, [2]]],
        }),
      );
    expect(() => importOnnx(claim([2 ** 31]))).toThrow(`needs ${2 ** 31} elements, the file has 1`);
    expect(() => importOnnx(claim([2 ** 20, 2 ** 20]))).toThrow("needs 1099511627776 elements");
    expect(() => importOnnx(claim([-1]))).toThrow("[-1]");
    expect(Object.keys(importOnnx(claim([1])).parameters)).toEqual(["w"]);
  });

  test("negative dimensions and text among the inputs", () => {
    const typed = (elementType: number, shape: (number | undefined)[]) =>
      modelBytes(
        graphBytes({
          nodes: [nodeBytes("Relu", ["x"], ["y"])],
          inputs: [["x", elementType, shape]],
          outputs: [["y", 1, [2]]],
        }),
      );
    expect(() => importOnnx(typed(1, [-2]))).toThrow("input x has the shape [-2]");
    expect(() => importOnnx(typed(8, [2]))).toThrow("element type string");
  });

  test("external data that are not given, or out of the file given", () => {
    const outside = (location: string, offset: number, length: number) =>
      modelBytes(
        graphBytes({
          nodes: [nodeBytes("Add", ["x", "w"], ["y"])],
          initializers: [tensorBytes("w", 1, [2], undefined, { location, offset, length })],
          inputs: [["x", 1, [2]]],
          outputs: [["y", 1, [2]]],
        }),
      );
    const weights = new Uint8Array(Float32Array.of(9, 1.5, -2).buffer);
    const external = { "weights.bin": weights };
    expect(() => importOnnx(outside("../secret", 0, 8))).toThrow(InputError);
    expect(() => importOnnx(outside("toString", 0, 8), { external })).toThrow("not among the files");
    expect(() => importOnnx(outside("weights.bin", 8, 8), { external })).toThrow("bytes 8 to 16");
    expect(() => importOnnx(outside("weights.bin", -4, 8), { external })).toThrow(UnsupportedError);
    expect(externalFiles(outside("weights.bin", 4, 8))).toEqual(["weights.bin"]);
    expect(externalFiles(file)).toEqual([]);
    expect(importOnnx(outside("weights.bin", 4, 8), { external }).parameters.w.data).toEqual(
      Float32Array.of(1.5, -2),
    );
  });

  test("graphs that are nested without end", () => {
    let body = graphBytes({ nodes: [], inputs: [], outputs: [["y", 1, [2]]] });
    for (let depth = 0; depth < 40; depth++)
      body = graphBytes({
        nodes: [nodeBytes("If", ["c"], ["y"], { then_branch: body, else_branch: body.slice(0, 0) })],
        inputs: [["x", 1, [2]]],
        outputs: [["y", 1, [2]]],
      });
    expect(() => importOnnx(modelBytes(body))).toThrow("nested more than 32 deep");
  });

  test("functions that call themselves or multiply without bound, again and again", async () => {
    const calling = (levels: number, twice: boolean, last: string) =>
      Array.from({ length: levels }, (_, i) => {
        const next = i + 1 < levels ? `f${i + 1}` : last;
        const call = (x: string, y: string) => nodeBytes(next, [x], [y], {}, next === "Relu" ? "" : "own");
        return functionBytes(`f${i}`, twice ? [call("x", "a"), call("a", "y")] : [call("x", "y")]);
      });
    const graph = graphBytes({
      nodes: [nodeBytes("f0", ["x"], ["y"], {}, "own")],
      inputs: [["x", 1, [2]]],
      outputs: [["y", 1, [2]]],
    });
    const traced = (functions: readonly Uint8Array[]) => {
      const model = importOnnx(modelBytes(graph, 21, ["own"], functions));
      return compile((x) => model.apply({ x }).y, f32(2));
    };
    await expect(traced(calling(24, true, "Relu"))).rejects.toThrow("more than 200000 nodes");
    const endless = importOnnx(modelBytes(graph, 21, ["own"], calling(1, false, "f0")));
    for (let k = 0; k < 3; k++)
      await expect(compile((x) => endless.apply({ x }), f32(2))).rejects.toThrow("nested more than 32 deep");
    using program = await traced(calling(3, true, "Relu"));
    expect(toNumbers(await program.run(Float32Array.of(-1, 2)))).toEqual([0, 2]);
  });

  test("numbers of entries that no model means", async () => {
    const repeats = tensorBytes("n", 7, [1], BigInt64Array.of(2n ** 40n));
    const bytes = modelBytes(
      graphBytes({
        nodes: [nodeBytes("Tile", ["x", "n"], ["y"])],
        initializers: [repeats],
        inputs: [["x", 1, [2]]],
        outputs: [["y", 1, [2]]],
      }),
    );
    await expect(compile((x) => importOnnx(bytes).apply({ x }), f32(2))).rejects.toThrow(
      "a repeat is 1099511627776; at most",
    );
  });

  test("files that are cut off or altered, by typed errors", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: file.length - 1 }),
        fc.integer({ min: 0, max: 255 }),
        fc.boolean(),
        async (at, byte, cut) => {
          const damaged = cut ? file.slice(0, at) : Uint8Array.from(file, (b, i) => (i === at ? byte : b));
          try {
            const model = importOnnx(damaged);
            using program = await compile((image) => model.apply({ image }), f32(2, 1, 6, 6));
            await program.run(wave([2, 1, 6, 6], 0));
          } catch (error) {
            expect(error).toBeInstanceOf(GraphError);
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});

test("batch normalization of another number of channels is refused", () => {
  const model = importOnnx(
    modelBytes(
      graphBytes({
        nodes: [nodeBytes("BatchNormalization", ["x", "scale", "scale", "scale", "scale"], ["y"])],
        initializers: [tensorBytes("scale", 1, [5], new Float32Array(5).fill(1))],
        inputs: [["x", 1, [1, 1, 1, 5]]],
        outputs: [["y", 1, [1, 1, 1, 5]]],
      }),
    ),
  );
  expect(() => exportOnnx(({ x }) => model.apply({ x }), { x: f32(1, 1, 1, 5) })).toThrow(
    "BatchNormalization (y): the input [1, 1, 1, 5] must have 5 channels, as many as the scale has numbers",
  );
});
