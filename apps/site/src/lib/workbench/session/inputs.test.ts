import { readFile } from "node:fs/promises";
import {
  add,
  array,
  cast,
  concat,
  expandDims,
  exportOnnx,
  f32,
  i64,
  matmul,
  mean,
  mul,
  sum,
} from "@gradus/graph";
import { ArgumentError, DataError } from "gradus/check";
import { beforeEach, expect, test } from "vitest";
import { ModelSession } from "./model-session.ts";
import { fileOf, never, npy, settings, silent } from "./testing.ts";

let session: ModelSession;
beforeEach(() => {
  session = new ModelSession();
});

/** Tuning and curvature find no loss on the two rows, and a row's gradients times its numbers are these. */
async function expectKnown([first, second]: readonly [number, number]): Promise<void> {
  const how = { signal: never, report: silent };
  const given = { ...settings, loss: "squared", heldOut: 0, batchSize: 2, epochs: 1 } as const;
  expect((await session.tune(given, how)).last.loss).toBeCloseTo(0, 5);
  session.reset();
  expect((await session.spectrum({ loss: "squared", examples: [] }, how)).loss).toBeCloseTo(0, 5);
  const { methods } = await session.explain({ given: { row: 0 } }, never);
  const shares = methods.find(({ label }) => label === "Gradient × Input")?.attributions ?? [];
  expect(shares).toEqual([expect.closeTo(first, 4), expect.closeTo(second, 3)]);
}

test("several inputs read columns one after another, or are constants", async () => {
  const pair = exportOnnx(
    ({ a, b, kind, weights }) => ({
      y: add(matmul(concat([a, b], { axis: 1 }), weights), cast(kind, "f32")),
    }),
    { a: f32("batch", 2), b: f32("batch", 1), kind: i64("batch", 1) },
    { constants: { weights: array(Float32Array.of(1, 10, 100), [3, 1]) } },
  );
  const { input } = await session.open({ file: fileOf(pair) }, silent);
  expect(input).toMatchObject({ features: 4, parts: [{ size: 2 }, { size: 1 }, { size: 1, dtype: "i64" }] });
  expect((await session.predict({ values: [1, 2, 3, 4] })).scores).toEqual([325]);
  await expect(session.predict({ values: [1, 2, 3, 4.5] })).rejects.toThrow(
    new DataError("kind: the numbers must be whole, got 4.5"),
  );
  await expect(session.explain({ given: { values: [1, 2, 3, 4] } }, never)).rejects.toThrow(
    "explanations change columns by fractions, and kind takes whole numbers: give it a constant",
  );
  const columns = { columns: true } as const;
  await expect(session.inputs({ sources: [columns, columns, { constant: 0.5 }] })).rejects.toThrow(
    new ArgumentError("constants.kind must be a whole number, got 0.5"),
  );
  await expect(session.inputs({ sources: [1, 2, 3].map((constant) => ({ constant })) })).rejects.toThrow(
    "one input at least must read columns of the rows",
  );
  const constants = await session.inputs({ sources: [columns, { constant: 2 }, { constant: -7 }] });
  expect(constants.input).toMatchObject({ features: 2 });
  expect((await session.predict({ values: [1, 2] })).scores).toEqual([214]);
  const five = await session.inputs({ sources: [columns, columns, { constant: 5 }] });
  expect(five.input).toMatchObject({ features: 3 });
  const csv = fileOf("a1,a2,b1,label\n1,2,3,326\n0,1,0,15\n1,0,1,106\n1,1,0,16\n", "rows.csv");
  await session.rows({ file: csv, label: "label" });
  expect((await session.predict({ row: 0 })).scores).toEqual([326]);
  const { last } = await session.tune(
    { ...settings, loss: "squared", heldOut: 0, batchSize: 4, epochs: 1 },
    { signal: never, report: silent },
  );
  expect(last.loss).toBeCloseTo(0, 5);
  session.reset();
  const { column, methods } = await session.explain({ given: { row: 0 } }, never);
  // A single output is no class.
  expect(column).toBeUndefined();
  const integrated = methods.find(({ label }) => label === "Integrated Gradients")?.attributions ?? [];
  [1, 20, 300].forEach((wanted, j) => {
    expect(integrated[j]).toBeCloseTo(wanted, 2);
  });
});

test("sizes that a file leaves open are given, and rows may be along another axis", async () => {
  const file = exportOnnx(
    ({ x, weights }) => ({ y: mean(matmul(x, weights), { axes: 0 }) }),
    { x: f32("time", "batch", 2) },
    { constants: { weights: array(Float32Array.of(1, 10), [2, 1]) } },
  );
  const { input } = await session.open({ file: fileOf(file) }, silent);
  expect(input).toEqual({
    obstacle: "sizes of a row are open: time",
    open: [{ name: "time", size: undefined }],
  });
  await expect(session.inputs({ sources: [], sizes: { time: 0 } })).rejects.toThrow(
    new ArgumentError("time must be a whole number from 1, got 0"),
  );
  const given = await session.inputs({ sources: [], sizes: { time: 2 } });
  expect(given.input).toMatchObject({ features: 4, open: [{ name: "time", size: 2 }] });
  expect(given.inspection?.inputs[0].shape).toEqual([2, "batch", 2]);
  expect((await session.predict({ values: [1, 2, 3, 4] })).scores).toEqual([32]);
  await session.rows({ file: fileOf("a,b,c,d,y\n1,2,3,4,32\n0,1,2,1,11\n", "rows.csv"), label: "y" });
  const { last } = await session.tune(
    { ...settings, loss: "squared", heldOut: 0, batchSize: 2, epochs: 1 },
    { signal: never, report: silent },
  );
  expect(last.loss).toBeCloseTo(0, 5);
  session.reset();
  const { methods } = await session.explain({ given: { row: 0 } }, never);
  const integrated = methods.find(({ label }) => label === "Integrated Gradients")?.attributions ?? [];
  [0.5, 10, 1.5, 20].forEach((wanted, j) => {
    expect(integrated[j]).toBeCloseTo(wanted, 2);
  });
});

test("columns of a CSV file are chosen by name, and of no array", async () => {
  const file = exportOnnx(
    ({ x, weights }) => ({ y: matmul(x, weights) }),
    { x: f32("batch", 2) },
    { constants: { weights: array(Float32Array.of(1, 10), [2, 1]) } },
  );
  await session.open({ file: fileOf(file) }, silent);
  await expect(session.inputs({ sources: [{ columns: ["b"] }] })).rejects.toThrow(
    new DataError("x takes 2 columns, got 1"),
  );
  await session.inputs({ sources: [{ columns: ["c", "a"] }] });
  await session.rows({ file: fileOf("id,a,b,c\nfirst,1,2,3\n", "rows.csv"), label: undefined });
  expect(await session.predict({ row: 0 })).toEqual({ values: [3, 1], scores: [13], shape: [1] });
  await expect(session.rows({ file: npy([1, 2], [1, 2], "x.npy"), labels: undefined })).rejects.toThrow(
    "x.npy: arrays have no columns by name, and an input reads “c”",
  );
});

test("rows may have as many labels as the model has outputs", async () => {
  const double = exportOnnx(
    ({ x, w }) => ({ y: matmul(x, w) }),
    { x: f32("batch", 1) },
    { constants: { w: array(Float32Array.of(0, 0), [1, 2]) } },
  );
  await session.open({ file: fileOf(double) }, silent);
  const x = npy([4, 1], [1, 2, -1, 3], "x.npy");
  await session.rows({ file: x, labels: npy([4, 2], [2, -1, 4, -2, -2, 1, 6, -3], "y.npy") });
  expect(await session.predict({ row: 1 })).toEqual({ values: [2], scores: [0, 0], shape: [2] });
  const regression = { ...settings, loss: "squared", optimizer: "sgd", learningRate: 0.1 } as const;
  const given = { ...regression, epochs: 100, batchSize: 4, heldOut: 0 };
  await session.tune(given, { signal: never, report: silent });
  const { scores } = await session.predict({ values: [1] });
  expect(scores).toEqual([expect.closeTo(2, 3), expect.closeTo(-1, 3)]);
  const examples = [{ values: [1], label: 0 }];
  await expect(session.tune({ ...given, examples }, { signal: never, report: silent })).rejects.toThrow(
    "the rows of x.npy have 2 labels each, and a drawing has one: forget the drawings",
  );
});

test("inputs that are lists have a number for each row", async () => {
  const pairs = exportOnnx(({ user, item }) => ({ y: add(mul(10, cast(user, "f32")), item) }), {
    user: i64("batch"),
    item: f32("batch"),
  });
  const { input } = await session.open({ file: fileOf(pairs) }, silent);
  expect(input).toMatchObject({ features: 2, parts: [{ shape: [] }, { shape: [] }] });
  await session.rows({ file: fileOf("user,item\n3,0.5\n4,2\n", "rows.csv"), label: undefined });
  expect(await session.predict({ row: 1 })).toEqual({ values: [4, 2], scores: [42], shape: [] });
  const fixed = exportOnnx(({ x }) => ({ y: sum(x) }), { x: f32(3) });
  expect((await session.open({ file: fileOf(fixed) }, silent)).input).toEqual({
    obstacle: "the input x has no rows: its shape is [3]",
  });
});

test("an input without rows is a constant, in running, tuning, curvature and explanation", async () => {
  const file = exportOnnx(
    ({ x, state, rate, w }) => ({
      y: mul(add(matmul(x, w), sum(state, { axes: [0, 2], keepDims: false })), cast(rate, "f32")),
    }),
    { x: f32("batch", 2), state: f32(2, 1, 3), rate: i64() },
    { constants: { w: array(Float32Array.of(1, 10), [2, 1]) } },
  );
  const { input } = await session.open({ file: fileOf(file) }, silent);
  expect(input).toMatchObject({
    features: 2,
    parts: [{ name: "x" }, { whole: true, shape: [2, 1, 3] }, { whole: true, shape: [] }],
  });
  const x = { columns: true } as const;
  await expect(session.inputs({ sources: [x, { constant: 0 }, x] })).rejects.toThrow(
    "rate has no rows: give it a constant",
  );
  await session.inputs({ sources: [x, { constant: 0.5 }, { constant: 2 }] });
  expect((await session.predict({ values: [1, 2] })).scores).toEqual([2 * (21 + 3)]);
  await session.rows({ file: fileOf("a,b,y\n1,2,48\n0,1,26\n", "rows.csv"), label: "y" });
  await expectKnown([2, 40]);
});

test("an input of one dimension takes a list, which a worker that goes on keeps", async () => {
  const bounds = await readFile(
    new URL("../../../../../../packages/graph/fixtures/bounds/bounds.onnx", import.meta.url),
  );
  const file = fileOf(new Uint8Array(bounds));
  const { input } = await session.open({ file }, silent);
  expect(input).toMatchObject({ features: 6, parts: [{}, { whole: true, shape: [1] }, {}, { shape: [] }] });
  const x = { columns: true } as const;
  const from = (start: number | number[], end: number | number[], negate: number | number[] = 1) => ({
    sources: [x, ...[start, end, negate].map((constant) => ({ constant }))],
  });
  const values = [0, 1, 2, 3, 4, 5];
  await session.inputs(from([2], [5]));
  expect(await session.predict({ values })).toMatchObject({ scores: [-2, -3, -4] });
  for (const [given, error] of [
    [from(2, [5, 6]), new DataError("constants.end must be a number or i64[1], got i64[2]")],
    [from([0.5], 5), new ArgumentError("constants.start must be a whole number, got 0.5")],
    [from(2, 5, [1, 0]), new DataError("constants.negate must be a number, got bool[2]")],
  ] as const)
    await expect(session.inputs(given)).rejects.toThrow(error);
  const next = new ModelSession();
  await next.open({ file, kept: { inputs: from([3], [5], 0) } }, silent);
  expect(await next.predict({ values })).toMatchObject({ scores: [0, 1, 2, 3, 4, 5] });
});

test("a list is in running, tuning, curvature and explanation; of any length where the file does not say", async () => {
  const x = { columns: true } as const;
  for (const shape of [[3], ["taps"]]) {
    const file = exportOnnx(
      ({ x, taps, w }) => ({
        y: mul(matmul(x, w), sum(mul(taps, taps), { axes: 0 })),
      }),
      { x: f32("batch", 2), taps: f32(...shape) },
      { constants: { w: array(Float32Array.of(1, 10), [2, 1]) } },
    );
    await session.open({ file: fileOf(file) }, silent);
    await session.inputs({ sources: [x, { constant: [1, 2, -3] }] });
    expect((await session.predict({ values: [1, 2] })).scores).toEqual([21 * 14]);
    await session.rows({ file: fileOf("a,b,y\n1,2,294\n0,1,140\n", "rows.csv"), label: "y" });
    await expectKnown([14, 280]);
  }
});

test("an input along whose dimension others have their rows takes no list", async () => {
  const pairs = exportOnnx(({ a, b }) => ({ y: add(a, b) }), { a: f32("n"), b: f32("n") });
  await session.open({ file: fileOf(pairs) }, silent);
  const given = (constant: number | number[]) => ({ sources: [{ columns: true } as const, { constant }] });
  await expect(session.inputs(given([1, 2]))).rejects.toThrow(
    new DataError("constants.b must be a number or f32[1], got f32[2]"),
  );
  await session.inputs(given(2));
  expect((await session.predict({ values: [1] })).scores).toEqual([3]);
});

test("the axis with the rows is chosen where the file does not tell it", async () => {
  const file = exportOnnx(
    ({ x, w }) => ({ y: matmul(mean(x, { axes: 0 }), w) }),
    { x: f32(2, 1, 2) },
    { constants: { w: array(Float32Array.of(1, 10), [2, 1]) } },
  );
  const { input } = await session.open({ file: fileOf(file) }, silent);
  expect(input).toMatchObject({ batch: 2, features: 2, unsure: [{ name: "x", shape: [2, 1, 2], axis: 0 }] });
  const given = await session.inputs({ sources: [], axes: { x: 1 } });
  expect(given.input).toMatchObject({ batch: 1, features: 4, parts: [{ rowsAxis: 1, shape: [2, 2] }] });
  expect((await session.predict({ values: [1, 2, 3, 4] })).scores).toEqual([32]);
  await session.rows({ file: fileOf("a,b,c,d,y\n1,2,3,4,32\n0,1,2,1,11\n", "rows.csv"), label: "y" });
  const { last } = await session.tune(
    { ...settings, loss: "squared", heldOut: 0, batchSize: 2, epochs: 1 },
    { signal: never, report: silent },
  );
  expect(last.loss).toBeCloseTo(0, 5);
});

test("where the rows are along another axis, another size is open", async () => {
  const file = exportOnnx(({ x }) => ({ y: mean(x, { axes: 0 }) }), { x: f32("steps", "n", 2) });
  const unsure = (axis: number) => [{ name: "x", shape: ["steps", "n", 2], axis }];
  const { input } = await session.open({ file: fileOf(file) }, silent);
  expect(input).toMatchObject({ open: [{ name: "n" }], unsure: unsure(0) });
  const moved = await session.inputs({ sources: [], axes: { x: 1 } });
  expect(moved.input).toMatchObject({ open: [{ name: "steps" }], unsure: unsure(1) });
  await session.inputs({ sources: [], axes: { x: 1 }, sizes: { steps: 2 } });
  expect((await session.predict({ values: [1, 2, 3, 4] })).scores).toEqual([2, 3]);
});

test("a file for two rows along its second axis gets a row twice", async () => {
  const file = exportOnnx(({ x }) => ({ y: sum(mul(x, x), { axes: 0 }) }), { x: f32(3, 2, 2) });
  await session.open({ file: fileOf(file) }, silent);
  await session.inputs({ sources: [], axes: { x: 1 } });
  expect(await session.predict({ values: [1, 2, 3, 4, 5, 6] })).toMatchObject({
    scores: [1 + 9 + 25, 4 + 16 + 36],
    shape: [2],
  });
});

test("the output that is shown, tuned and explained is chosen", async () => {
  const file = exportOnnx(
    ({ x, w, v }) => ({ first: matmul(x, w), second: matmul(x, v) }),
    { x: f32("batch", 2) },
    {
      constants: {
        w: array(Float32Array.of(1, 10), [2, 1]),
        v: array(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]),
      },
    },
  );
  await session.open({ file: fileOf(file) }, silent);
  expect((await session.predict({ values: [1, 1] })).scores).toEqual([11]);
  await expect(session.output({ name: "third" })).rejects.toThrow("the model has no output “third”");
  expect(await session.output({ name: "second" })).toEqual({ head: { outputs: 3 } });
  expect((await session.predict({ values: [1, 1] })).scores).toEqual([5, 7, 9]);
  await session.rows({ file: fileOf("a,b,y\n1,0,0\n0,1,2\n", "rows.csv"), label: "y" });
  const how = { signal: never, report: silent };
  const { trained, last } = await session.tune({ ...settings, heldOut: 0, batchSize: 2, epochs: 1 }, how);
  expect(trained).toEqual(["w", "v"]);
  const loss = (z: readonly number[], label: number) =>
    Math.log(z.reduce((all, one) => all + Math.exp(one - z[label]), 0));
  expect(last.loss).toBeCloseTo((loss([1, 2, 3], 0) + loss([4, 5, 6], 2)) / 2, 5);
  session.reset();
  const { column, methods } = await session.explain({ given: { values: [1, 1] } }, never);
  expect(column).toBe(2);
  const shares = methods.find(({ label }) => label === "Gradient × Input")?.attributions ?? [];
  expect(shares).toEqual([expect.closeTo(3, 4), expect.closeTo(6, 4)]);
  // A worker that goes on knows which one.
  const next = new ModelSession();
  await next.open({ file: fileOf(file), kept: { output: "second" } }, silent);
  expect((await next.predict({ values: [1, 1] })).scores).toEqual([5, 7, 9]);
});

test("rows are images with a class for each folder, and the model is tuned on them", async () => {
  // Every image is of one level, which its name says.
  const pictures = new ModelSession(async ({ name }, { width, height }) =>
    Array.from({ length: 4 * width * height }, () => Number.parseFloat(name)),
  );
  const file = exportOnnx(
    ({ x, w }) => ({ y: matmul(expandDims(mean(x, { axes: [1, 2, 3] }), 1), w) }),
    { x: f32("batch", 3, 4, 4) },
    { constants: { w: array(Float32Array.of(0, 0), [1, 2]) } },
  );
  await pictures.open({ file: fileOf(file) }, silent);
  const images = ["255.png", "51.png"].map((name, k) => ({
    file: fileOf("", name),
    class: ["light", "dark"][k],
  }));
  expect(await pictures.rows({ images, scale: "unit" })).toEqual({
    ...{ name: "2 images", rows: 2, labeled: true, classes: ["dark", "light"] },
  });
  expect(await pictures.predict({ row: 0 })).toMatchObject({ label: 1 });
  expect((await pictures.predict({ row: 1 })).values[0]).toBeCloseTo(0.2, 6);
});

test("constants that decide bounds and branches make a model differentiable", async () => {
  const bounds = new URL("../../../../../../packages/graph/fixtures/bounds/bounds.onnx", import.meta.url);
  const opened = await session.open({ file: fileOf(new Uint8Array(await readFile(bounds))) }, silent);
  expect(opened.inspection?.obstacle).toContain("give that input as a constant");
  const columns = { columns: true } as const;
  const sources = [columns, ...[2, 5, 1].map((constant) => ({ constant }))];
  const { inspection } = await session.inputs({ sources });
  expect(inspection).toMatchObject({ obstacle: null, inputs: opened.inspection?.inputs });
});
