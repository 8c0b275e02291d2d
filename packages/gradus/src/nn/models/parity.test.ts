import {
  type ArrayValue,
  array,
  compile,
  exportOnnx,
  f32,
  flattenTensors,
  mean,
  type Program,
  specsOf,
  square,
  sub,
  toNumbers,
  valueAndGradient,
} from "@gradus/graph";
import { expect, test } from "vitest";
import { runtime as wasm } from "../../../../graph/src/runtime/browser.ts";
import { runtime as native } from "../../../../graph/src/runtime/node.ts";
import { randomStream } from "../../random/stream.ts";
import { convnet } from "./convnet.ts";
import { normals } from "./test-support.ts";
import { transformer } from "./transformer.ts";
import { uNet } from "./u-net.ts";
import { vgg } from "./vgg.ts";

const start = () => ({ stream: randomStream(1) });
const single = (seed: number, ...shape: number[]) =>
  array(Float32Array.from(normals(seed, shape).data), shape);

/** Compares every number, relative to the largest of its array. */
function assertClose(
  actual: readonly ArrayValue[],
  expected: readonly ArrayValue[],
  tolerance: number,
): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((a, i) => {
    const b = toNumbers(expected[i]);
    const scale = Math.max(...b.map(Math.abs), 1e-3);
    toNumbers(a).forEach((v, k) => {
      expect(Math.abs(v - b[k]) / scale).toBeLessThan(tolerance);
    });
  });
}

async function assertParity<I>(
  make: (
    runtime: typeof native,
  ) => Promise<Program<I, { readonly value: ArrayValue; readonly gradient: readonly ArrayValue[] }>>,
  inputs: I,
): Promise<void> {
  using here = await make(native);
  using there = await make(wasm);
  const [a, b] = [await here.run(inputs), await there.run(inputs)];
  assertClose([b.value, ...b.gradient], [a.value, ...a.gradient], 2e-5);
}

test("a convnet's loss and gradient are the same in WebAssembly", async () => {
  const model = convnet({
    input: [1, 12, 12],
    stages: [
      { filters: 4, kernel: 5, padding: "same", pool: 2 },
      { filters: 6, kernel: 3 },
    ],
    hidden: [10],
    outputs: 3,
  });
  const p = model.parameters(start());
  await assertParity(
    (runtime) =>
      compile(
        ({ p, x }) => {
          const { value, gradient } = valueAndGradient((q: typeof p) => mean(square(model.apply(q, x))))(p);
          return { value, gradient: flattenTensors(gradient).leaves };
        },
        { p: specsOf(p), x: f32("n", 1, 12, 12) },
        { runtime },
      ),
    { p, x: single(1, 5, 1, 12, 12) },
  );
});

test("a U-Net's loss and gradient are the same in WebAssembly", async () => {
  const model = uNet({
    dimension: 2,
    channels: 1,
    filters: [8, 16],
    blocks: 1,
    groups: 4,
    time: { features: 8, width: 12 },
  });
  const p = model.parameters(start());
  await assertParity(
    (runtime) =>
      compile(
        ({ p, x, t }) => {
          const { value, gradient } = valueAndGradient((q: typeof p) => mean(square(model.apply(q, x, t))))(
            p,
          );
          return { value, gradient: flattenTensors(gradient).leaves };
        },
        { p: specsOf(p), x: f32("n", 1, 8, 8), t: f32("n") },
        { runtime },
      ),
    { p, x: single(1, 3, 1, 8, 8), t: single(2, 3) },
  );
});

test("a causal transformer's loss and gradient are the same in WebAssembly", async () => {
  // The squares of normalized features alone have the mean 1, whatever the parameters before them.
  const model = transformer({ width: 8, heads: 2, blocks: 2, causal: true });
  const p = model.parameters(start());
  await assertParity(
    (runtime) =>
      compile(
        ({ p, x }) => {
          const { value, gradient } = valueAndGradient((q: typeof p) =>
            mean(square(sub(model.apply(q, x), x))),
          )(p);
          return { value, gradient: flattenTensors(gradient).leaves };
        },
        { p: specsOf(p), x: f32("n", "length", 8) },
        { runtime },
      ),
    { p, x: single(1, 3, 5, 8) },
  );
});

test("an exported VGG gives its evaluation in a plain session", async () => {
  const model = vgg({ input: [1, 8, 8], stages: [[4], [6]], hidden: [5], outputs: 3 });
  const parameters = model.parameters(start());
  const state = model.state(start());
  const x = single(1, 4, 1, 8, 8);
  using program = await compile(({ p, s, x }) => model.apply(p, s, x), {
    p: specsOf(parameters),
    s: specsOf(state),
    x: f32("n", 1, 8, 8),
  });
  const expected = await program.run({ p: parameters, s: state, x });
  const file = exportOnnx(
    ({ parameters, state, x }) => ({ logits: model.apply(parameters, state, x) }),
    { x: f32("n", 1, 8, 8) },
    { constants: { parameters, state } },
  );
  const session = await native.load(file, {});
  const [logits] = await session.run([x]);
  assertClose([logits], [expected], 1e-6);
  await session.release();
});
