import { describe, expect, test } from "vitest";
import { array } from "./arrays.ts";
import { compile } from "./compile.ts";
import { gradient } from "./differentiate.ts";
import { GraphError, IndexError, ShapeError } from "./errors.ts";
import { exportOnnx } from "./export-onnx.ts";
import { jit } from "./jit.ts";
import { scan } from "./loop.ts";
import { loadOnnx } from "./onnx-model.ts";
import * as ops from "./ops/index.ts";
import { runtime as wasm } from "./runtime/browser.ts";
import { runtime as native } from "./runtime/node.ts";
import type { Runtime } from "./runtime/runtime.ts";
import { constant, f64, i64, input, type Tensor } from "./tensor.ts";

const integers = (...values: number[]) => BigInt64Array.from(values, BigInt);
const [x, labels] = [new Float64Array(6), integers(0, 3)];

/** The message of the error of this class that the run fails with. */
async function failure(run: () => Promise<unknown>, type: typeof GraphError): Promise<string> {
  const error = await run().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(type);
  return (error as Error).message;
}

describe.each<readonly [string, Runtime]>([
  ["native", native],
  ["WebAssembly", wasm],
])("an index out of range names operation, input, place and range (%s)", (_, runtime) => {
  const specs = { x: f64(3, 2), labels: i64("n") };
  const indexError = (f: (inputs: { x: Tensor; labels: Tensor }) => unknown) =>
    failure(async () => {
      using program = await compile(f, specs, { runtime });
      await program.run({ x, labels });
    }, IndexError);

  test("gather", async () => {
    expect(await indexError(({ x, labels }) => ops.gather(x, labels))).toBe(
      "labels[1] must be an index from -3 to 2 for gather, got 3",
    );
  });
  test("scatterAdd, of what a gradient makes of gather", async () => {
    expect(
      await indexError(({ x, labels }) => gradient((v: Tensor) => ops.sum(ops.gather(v, labels)))(x)),
    ).toBe("labels[1] must be an index from -3 to 2 for scatterAdd, got 3");
  });
  test("takeAlong and its transpose, behind other shapes", async () => {
    const places = (labels: Tensor) => ops.broadcastTo(ops.expandDims(labels, 1), ["n", 2]);
    const along = ({ x, labels }: { x: Tensor; labels: Tensor }) =>
      ops.takeAlong(x, places(labels), { axis: 0 });
    expect(await indexError(along)).toBe("labels[1] must be an index from -3 to 2 for takeAlong, got 3");
    expect(
      await indexError(({ x, labels }) => gradient((v: Tensor) => ops.sum(along({ x: v, labels })))(x)),
    ).toBe("labels[1] must be an index from -3 to 2 for scatterAddAlong, got 3");
  });
  test("entry by entry in a loop", async () => {
    expect(
      await indexError(
        ({ x, labels }) =>
          scan(labels, ops.zerosLike(ops.gather(x, ops.range(1))), (sum, label) => ({
            carried: ops.add(sum, ops.gather(x, label)),
          })).carried,
      ),
    ).toBe("labels[1] must be an index from -3 to 2 for gather, got 3");
  });
  test("computed indices in a loop have no input to name", async () => {
    expect(
      await indexError(
        ({ x, labels }) =>
          scan(labels, ops.zerosLike(ops.gather(x, ops.range(1))), (sum, label) => ({
            carried: ops.add(sum, ops.gather(x, ops.add(label, 1))),
          })).carried,
      ),
    ).toBe("gather: indices must be from -3 to 2, got 4");
  });
  test("computed indices have no input to name", async () => {
    expect(await indexError(({ x, labels }) => ops.gather(x, ops.add(labels, 1)))).toBe(
      "gather: indices must be from -3 to 2, got 4",
    );
    expect(
      await indexError(({ x, labels }) =>
        ops.takeAlong(x, ops.broadcastTo(ops.expandDims(ops.mul(labels, 2), 1), ["n", 2]), { axis: 0 }),
      ),
    ).toBe("takeAlong: an index is out of range");
    expect(
      await indexError(({ labels }) => ops.scatterAdd([3], ops.mul(labels, 2), ops.cast(labels, "f64"))),
    ).toBe("scatterAdd: index out of range, got 6");
  });

  test.each([3, -1])("a label that is no class, of the cross-entropy: %d", async (label) => {
    using program = await compile(
      ({ logits, labels }) => ops.crossEntropy(logits, labels),
      {
        logits: f64("n", "k", 3),
        labels: i64("n", "k"),
      },
      { runtime },
    );
    const given = {
      logits: array(new Float64Array(12), [2, 2, 3]),
      labels: array(integers(0, 2, label, 1), [2, 2]),
    };
    expect(await failure(() => program.run(given), IndexError)).toBe(
      `labels[1, 0] must be an index from 0 to 2 for crossEntropy, got ${label}`,
    );
  });

  test("an empty axis of a run", async () => {
    using program = await compile(({ x, i }) => ops.gather(x, i), { x: f64("m"), i: i64() }, { runtime });
    expect(await failure(() => program.run({ x: new Float64Array(0), i: 0 }), IndexError)).toBe(
      "i has nothing to index: gather got an axis of size 0 and the index 0",
    );
    expect(await failure(() => program.run({ x: new Float64Array(2), i: 2 }), IndexError)).toBe(
      "i must be an index from -2 to 1 for gather, got 2",
    );
  });

  test("sizes of a run that leave an operation without a result", async () => {
    const fails = async (f: (x: Tensor) => Tensor, length: number) => {
      using program = await compile(f, f64("n"), { runtime });
      return failure(() => program.run(new Float64Array(length)), ShapeError);
    };
    expect(await fails((x) => ops.argMax(x), 0)).toBe("argMax: dimension n must be at least 1, got 0");
    expect(await fails((x) => ops.topK(x, 4).values, 3)).toBe("topK: dimension n must be at least 4, got 3");
  });

  test("integers divided by zero", async () => {
    const fails = async (f: (x: Tensor, y: Tensor) => Tensor) => {
      using program = await compile(({ x, y }) => f(x, y), { x: i64(), y: i64() }, { runtime });
      return failure(() => program.run({ x: 1, y: 0 }), GraphError);
    };
    expect(await fails(ops.div)).toBe("div: integer division by zero");
    expect(await fails(ops.remainder)).toBe("remainder: integer division by zero");
  });

  test("a model from a file, whose graph is not known", async () => {
    const file = exportOnnx(({ x, labels }) => ops.gather(x, labels), specs);
    using model = await loadOnnx(file, { runtime });
    expect(await failure(() => model.run({ x: array(x, [3, 2]), labels }), IndexError)).toBe(
      "gather: indices must be from -3 to 2, got 3",
    );
  });
});

test("by jit", async () => {
  await using take = jit(({ x, labels }: { x: Tensor; labels: Tensor }) => ops.gather(x, labels));
  expect(await failure(() => take.run({ x: array(x, [3, 2]), labels }), IndexError)).toBe(
    "labels[1] must be an index from -3 to 2 for gather, got 3",
  );
  expect((await take.run({ x: array(x, [3, 2]), labels: integers(-3, 2) })).shape).toStrictEqual([2, 2]);
});

test("constant indices are checked when tracing", () => {
  const x = input("x", f64(3, 2));
  const at = (...values: number[]) => constant(integers(...values));
  expect(() => ops.gather(x, at(2, -4))).toThrow(IndexError);
  expect(() => ops.gather(x, at(2, -4))).toThrow(
    "gather: indices[1] must be an index from -3 to 2 for gather, got -4",
  );
  expect(ops.gather(x, at(2, -3)).shape).toStrictEqual([2, 2]);
  expect(() => ops.takeAlong(x, ops.broadcastTo(ops.expandDims(at(0, 2), 0), [3, 2]))).toThrow(
    "takeAlong: indices[1] must be an index from -2 to 1 for takeAlong, got 2",
  );
  expect(() => ops.scatterAdd([2], at(0, 2, 1), input("u", f64(3)))).toThrow(IndexError);
  expect(() => ops.scatterAddAlong(at(0, 2, 1), input("u", f64(3)), 0, 2)).toThrow(IndexError);
  expect(() => ops.crossEntropy(x, at(0, 1, 2))).toThrow(
    "crossEntropy: indices[2] must be an index from 0 to 1 for crossEntropy, got 2",
  );
  expect(() => ops.crossEntropy(x, at(0, 1, -1))).toThrow(IndexError);
});
