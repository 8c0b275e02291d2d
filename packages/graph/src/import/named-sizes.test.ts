import { describe, expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { valueAndGradient } from "../differentiate.ts";
import { exportOnnx } from "../export-onnx.ts";
import { mean, square } from "../ops/index.ts";
import { f32, type Tensor } from "../tensor.ts";
import { importOnnx } from "./import-onnx.ts";
import { graphBytes, modelBytes, nodeBytes, tensorBytes } from "./model-bytes.ts";

const wave = (shape: number[], phase: number) =>
  array(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(1.7 * i + phase)),
    shape,
  );

describe("shapes", () => {
  test("that depend on a named dimension stay symbolic", async () => {
    const bytes = modelBytes(
      graphBytes({
        nodes: [
          nodeBytes("Shape", ["x"], ["shape"]),
          nodeBytes("Gather", ["shape", "zero"], ["batch"]),
          nodeBytes("Unsqueeze", ["batch", "axis"], ["vector"]),
          nodeBytes("Concat", ["vector", "rest"], ["wanted"], { axis: 0 }),
          nodeBytes("Reshape", ["x", "wanted"], ["y"]),
        ],
        initializers: [
          tensorBytes("zero", 7, [], BigInt64Array.of(0n)),
          tensorBytes("axis", 7, [1], BigInt64Array.of(0n)),
          tensorBytes("rest", 7, [1], BigInt64Array.of(-1n)),
        ],
        inputs: [["x", 1, ["batch size", 2, 3]]],
        outputs: [["y", 1, [undefined, 6]]],
      }),
    );
    const model = importOnnx(bytes);
    expect(model.inputs[0].spec.shape).toEqual(["batch_size", 2, 3]);
    using program = await compile((x) => model.apply({ x }).y, f32("n", 2, 3));
    for (const n of [1, 4]) expect((await program.run(wave([n, 2, 3], 0))).shape).toEqual([n, 6]);
  });
});

test("the rest of a known shape is known, as PyTorch's unflatten takes it to the largest integer", async () => {
  const bytes = modelBytes(
    graphBytes({
      nodes: [
        nodeBytes("Shape", ["x"], ["shape"]),
        nodeBytes("Slice", ["shape", "one", "end"], ["rest"]),
        nodeBytes("Concat", ["open", "rest"], ["wanted"], { axis: 0 }),
        nodeBytes("Reshape", ["x", "wanted"], ["y"]),
      ],
      initializers: [
        tensorBytes("one", 7, [1], BigInt64Array.of(1n)),
        tensorBytes("end", 7, [1], BigInt64Array.of(2n ** 63n - 1n)),
        tensorBytes("open", 7, [2], BigInt64Array.of(1n, -1n)),
      ],
      inputs: [["x", 1, ["batch", 3]]],
      outputs: [["y", 1, [1, undefined, 3]]],
    }),
  );
  const model = importOnnx(bytes);
  for (const rows of ["n", 4] as const) {
    using program = await compile((x) => model.apply({ x }).y, f32(rows, 3));
    expect((await program.run(wave([4, 3], 0))).shape).toEqual([1, 4, 3]);
  }
});

test("merged, shortened and selected named dimensions are those of each run, also when exported again", async () => {
  const bytes = modelBytes(
    graphBytes({
      nodes: [
        nodeBytes("Shape", ["x"], ["shape"], { start: 0, end: 2 }),
        nodeBytes("ReduceProd", ["shape"], ["rows"], { keepdims: 1 }),
        nodeBytes("Concat", ["rows", "four"], ["wanted"], { axis: 0 }),
        nodeBytes("Reshape", ["x", "wanted"], ["merged"]),
        nodeBytes("Slice", ["x", "minus", "far", "one"], ["last"]),
        nodeBytes("Slice", ["x", "zero", "two", "one"], ["first"]),
        nodeBytes("Flatten", ["x"], ["flat"], { axis: 2 }),
      ],
      inputs: [["x", 1, ["batch", "length", 2, 2]]],
      outputs: [
        ["merged", 1, []],
        ["last", 1, []],
        ["first", 1, []],
        ["flat", 1, []],
      ],
      initializers: [
        tensorBytes("four", 7, [1], BigInt64Array.of(4n)),
        tensorBytes("minus", 7, [1], BigInt64Array.of(-1n)),
        tensorBytes("far", 7, [1], BigInt64Array.of(2n ** 62n)),
        tensorBytes("zero", 7, [1], BigInt64Array.of(0n)),
        tensorBytes("two", 7, [1], BigInt64Array.of(2n)),
        tensorBytes("one", 7, [1], BigInt64Array.of(1n)),
      ],
    }),
    17,
  );
  const model = importOnnx(bytes);
  const again = importOnnx(exportOnnx(({ x }) => model.apply({ x }), { x: f32("batch", "length", 2, 2) }));
  for (const { apply } of [model, again]) {
    using program = await compile(({ x }) => apply({ x }), { x: f32("batch", "length", 2, 2) });
    const x = array(
      Float32Array.from({ length: 24 }, (_, i) => i),
      [2, 3, 2, 2],
    );
    const { merged, last, first, flat } = await program.run({ x });
    expect(merged.shape).toEqual([6, 4]);
    expect([last.shape, toNumbers(last)]).toEqual([
      [2, 1, 2, 2],
      [8, 9, 10, 11, 20, 21, 22, 23],
    ]);
    expect(first.shape).toEqual([2, 2, 2, 2]);
    expect([flat.shape, toNumbers(flat)]).toEqual([[6, 4], toNumbers(x)]);
  }
});

describe("sums of named sizes, as a transformer with a cache has them", () => {
  const integers = (name: string, ...values: number[]) =>
    tensorBytes(name, 7, [values.length], BigInt64Array.from(values, BigInt));
  const number = (name: string, value: number) => tensorBytes(name, 7, [], BigInt64Array.of(BigInt(value)));
  const bytes = modelBytes(
    graphBytes({
      nodes: [
        nodeBytes("Concat", ["cache", "x"], ["whole"], { axis: 1 }),
        nodeBytes("Shape", ["whole"], ["shape"]),
        nodeBytes("Gather", ["shape", "one"], ["length"]),
        nodeBytes("Shape", ["cache"], ["cacheShape"]),
        nodeBytes("Gather", ["cacheShape", "one"], ["past"]),
        nodeBytes("Sub", ["length", "past"], ["fresh"]),
        nodeBytes("Range", ["past", "length", "one"], ["places"]),
        nodeBytes("Mul", ["length", "two"], ["twice"]),
        nodeBytes("Range", ["zero", "twice", "two"], ["even"]),
        nodeBytes("Neg", ["fresh"], ["back"]),
        ...["length", "past", "back", "fresh"].map((name) =>
          nodeBytes("Unsqueeze", [name, "at"], [`${name}s`]),
        ),
        nodeBytes("Slice", ["whole", "pasts", "lengths", "axis"], ["newer"]),
        nodeBytes("Slice", ["whole", "backs", "far", "axis"], ["last"]),
        nodeBytes("Slice", ["whole", "first", "less", "axis"], ["inner"]),
        nodeBytes("Slice", ["table", "pasts", "lengths", "at"], ["rows"]),
        nodeBytes("Concat", ["minus", "freshs", "two1"], ["wanted"], { axis: 0 }),
        nodeBytes("Reshape", ["newer", "wanted"], ["reshaped"]),
        nodeBytes("Add", ["whole", "mask"], ["sum"]),
      ],
      inputs: [
        ["x", 1, ["batch", "sequence", 2]],
        ["cache", 1, ["batch", "past", 2]],
        ["mask", 1, ["batch", "past + sequence", 1]],
      ],
      outputs: ["whole", "places", "even", "newer", "last", "inner", "rows", "reshaped", "sum"].map(
        (name) => [name, ["places", "even"].includes(name) ? 7 : 1, []] as const,
      ),
      initializers: [
        ...[number("zero", 0), number("one", 1), number("two", 2)],
        ...[integers("at", 0), integers("axis", 1), integers("far", 2 ** 40), integers("first", 1)],
        ...[integers("less", -1), integers("minus", -1), integers("two1", 2)],
        tensorBytes(
          "table",
          1,
          [8, 1],
          Float32Array.from({ length: 8 }, (_, i) => 10 * i),
        ),
      ],
    }),
    17,
  );
  const own = importOnnx(bytes);
  const specs = Object.fromEntries(own.inputs.map(({ name, spec }) => [name, spec]));

  test.each([
    ["imported", own],
    ["exported and imported again", importOnnx(exportOnnx((given) => own.apply(given), specs))],
  ])("%s", async (_, model) => {
    expect(model.inputs[2].spec.shape).toEqual(["batch", "past+sequence", 1]);
    using program = await compile((given) => model.apply(given), specs);
    for (const [sequence, past] of [
      [2, 3],
      [1, 4],
    ]) {
      const x = wave([2, sequence, 2], 1);
      const cache = wave([2, past, 2], 2);
      const mask = wave([2, past + sequence, 1], 3);
      const result = await program.run({ x, cache, mask });
      const numbers = (name: string) => toNumbers(result[name]);
      expect(result.whole.shape).toEqual([2, past + sequence, 2]);
      expect(numbers("places")).toEqual(Array.from({ length: sequence }, (_, i) => past + i));
      expect(numbers("even")).toEqual(Array.from({ length: past + sequence }, (_, i) => 2 * i));
      for (const name of ["newer", "last", "reshaped"]) expect(numbers(name)).toEqual(toNumbers(x));
      expect(result.inner.shape).toEqual([2, past + sequence - 2, 2]);
      expect(numbers("rows")).toEqual(Array.from({ length: sequence }, (_, i) => 10 * (past + i)));
      expect(result.sum.shape).toEqual([2, past + sequence, 2]);
    }
    await expect(
      program.run({ x: wave([2, 2, 2], 1), cache: wave([2, 3, 2], 2), mask: wave([2, 4, 1], 3) }),
    ).rejects.toThrow("mask: expected past+sequence = 5 in dimension 1, where past = 3, sequence = 2, got 4");
  });

  test("names that are no sums of other dimensions stay names", () => {
    const shape = ["batch-size", "n + m", "floor(n/2)"];
    const file = modelBytes(
      graphBytes({
        nodes: [nodeBytes("Relu", ["x"], ["y"])],
        inputs: [["x", 1, shape]],
        outputs: [["y", 1, shape]],
      }),
    );
    expect(importOnnx(file).inputs[0].spec.shape).toEqual(["batch_size", "n___m", "floor_n_2_"]);
  });
});

describe("a slice of named sizes", () => {
  /** Entries of x from `time - window` on, as PyTorch exports x[:, time - window :]. */
  const bytes = modelBytes(
    graphBytes({
      nodes: [
        nodeBytes("Shape", ["x"], ["time"], { start: 1, end: 2 }),
        nodeBytes("Shape", ["past"], ["window"], { start: 1, end: 2 }),
        nodeBytes("Sub", ["time", "window"], ["from"]),
        nodeBytes("Slice", ["x", "from", "far", "axis"], ["y"]),
      ],
      initializers: [
        tensorBytes("far", 7, [1], BigInt64Array.of(2n ** 63n - 1n)),
        tensorBytes("axis", 7, [1], BigInt64Array.of(1n)),
      ],
      inputs: [
        ["x", 1, ["batch", "time"]],
        ["past", 1, ["batch", "window"]],
      ],
      outputs: [["y", 1, []]],
    }),
  );
  const model = importOnnx(bytes);
  const specs = Object.fromEntries(model.inputs.map(({ name, spec }) => [name, spec]));
  const gradient = ({ x, past }: Record<string, Tensor>) =>
    valueAndGradient((t: Tensor) => mean(square(model.apply({ x: t, past }).y)))(x).gradient;

  test.each([
    ["values", ({ x, past }: Record<string, Tensor>) => model.apply({ x, past }).y],
    ["derivatives", gradient],
  ])("has %s only for sizes for which its bounds are what they seem", async (_, f) => {
    using program = await compile(f, specs);
    const x = wave([1, 5], 0);
    await expect(program.run({ x, past: wave([1, 2], 0) })).resolves.toBeDefined();
    await expect(program.run({ x, past: wave([1, 7], 0) })).rejects.toThrow(
      "Slice (y) from time-window to the end by 1 of dimension 1 of [batch, time]: dimension time-window must be at least 0, got -2",
    );
  });

  test("is refused with the way to go where its size is no sum", async () => {
    const halved = modelBytes(
      graphBytes({
        nodes: [nodeBytes("Slice", ["x", "zero", "far", "axis", "two"], ["y"])],
        initializers: [
          ["zero", 0n] as const,
          ["far", 2n ** 62n] as const,
          ["axis", 1n] as const,
          ["two", 2n] as const,
        ].map(([name, n]) => tensorBytes(name, 7, [1], BigInt64Array.of(n))),
        inputs: [["x", 1, ["batch", "time"]]],
        outputs: [["y", 1, []]],
      }),
    );
    const { apply } = importOnnx(halved);
    await expect(compile((x) => apply({ x }), f32("batch", "time"))).rejects.toThrow(
      "from 0 to the end by 2 of dimension 1 of [batch, time] depends on the sizes of a run; apply the model to inputs whose sizes are numbers",
    );
    using program = await compile((x) => apply({ x }).y, f32("batch", 5));
    expect((await program.run(wave([2, 5], 0))).shape).toEqual([2, 3]);
  });
});

test("a file that fixes a shape says for which size it was exported", () => {
  const model = importOnnx(
    modelBytes(
      graphBytes({
        nodes: [nodeBytes("Reshape", ["x", "wanted"], ["y"], {}, "")],
        initializers: [tensorBytes("wanted", 7, [3], BigInt64Array.of(5n, 6n, 4n))],
        inputs: [["x", 1, ["time", 3, 8]]],
        outputs: [["y", 1, [5, 6, 4]]],
      }),
    ),
  );
  const traced = (size: number | string) => compile((x) => model.apply({ x }).y, f32(size, 3, 8));
  const advice = "use inputs of that size, or export it for the size that you need";
  return Promise.all([
    expect(traced("time")).rejects.toThrow(
      `the file fixes the shape [5, 6, 4], as it was exported for inputs with time = 5; ${advice}`,
    ),
    expect(traced(7)).rejects.toThrow(`as it was exported for inputs of one size; ${advice}`),
  ]);
});
