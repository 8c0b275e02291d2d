// Conversions to integers of 8 and 16 bits: ONNX Runtime's kernel is the measure.
import { InferenceSession, Tensor as RuntimeTensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { f32, i64 } from "../tensor.ts";
import { importOnnx } from "./import-onnx.ts";
import { graphBytes, modelBytes, nodeBytes, tensorBytes } from "./model-bytes.ts";

const [FLOAT, INT64] = [1, 7];
const integers = [
  0, 1, -1, 127, 128, -128, -129, 255, 256, 300, -300, 32_767, 32_768, -32_769, 65_536, 70_000,
];
const fractions = [0, 0.9, -0.9, 127.5, 128.5, -129.5, 300.25, -300.75, 40_000.5, -70_000.5];

test.each([
  ["uint8", 2],
  ["int8", 3],
  ["uint16", 4],
  ["int16", 5],
])("conversions to %s wrap around", async (_, to) => {
  for (const [from, values] of [
    [INT64, integers],
    [FLOAT, fractions],
  ] as const) {
    const n = values.length;
    const nodes = [
      nodeBytes("Cast", ["x"], ["narrow"], { to }),
      nodeBytes("Cast", ["narrow"], ["y"], { to: INT64 }),
    ];
    const bytes = modelBytes(
      graphBytes({ nodes, inputs: [["x", from, [n]]], outputs: [["y", INT64, [n]]] }),
      21,
    );
    const data = from === INT64 ? BigInt64Array.from(values, BigInt) : Float32Array.from(values);
    const session = await InferenceSession.create(bytes);
    const { y } = await session.run({
      x: new RuntimeTensor(from === INT64 ? "int64" : "float32", data, [n]),
    });
    await session.release();
    const model = importOnnx(bytes);
    using program = await compile(({ x }) => model.apply({ x }), { x: from === INT64 ? i64(n) : f32(n) });
    const found = await program.run({ x: array(data, [n]) });
    expect(toNumbers(found.y)).toEqual(Array.from(y.data, Number));
  }
});

test("a stored number that is cast to 8 or 16 bits wraps around", async () => {
  const to = [2, 3, 4, 5];
  const bytes = modelBytes(
    graphBytes({
      nodes: to.flatMap((type) => [
        nodeBytes("Cast", ["numbers"], [`narrow${type}`], { to: type }),
        nodeBytes("Cast", [`narrow${type}`], [`y${type}`], { to: INT64 }),
      ]),
      initializers: [tensorBytes("numbers", INT64, [5], BigInt64Array.of(-1n, 200n, -40000n, 70000n, 5n))],
      inputs: [],
      outputs: to.map((type) => [`y${type}`, INT64, [5]]),
    }),
    21,
  );
  const session = await InferenceSession.create(bytes);
  const wanted = await session.run({});
  await session.release();
  await using program = await compile(() => importOnnx(bytes).apply({}), {});
  const found = await program.run({});
  for (const [name, { data }] of Object.entries(wanted))
    expect(toNumbers(found[name])).toEqual(Array.from(data, Number));
});
