import { expect, test } from "vitest";
import { designColumns } from "./columns/design-columns.ts";
import { cholesky } from "./dense/cholesky.ts";
import { gemm } from "./dense/gemm.ts";
import { BlasArgumentError, DisposedError } from "./errors.ts";
import { gridLaplacian } from "./grids/grid-laplacian.ts";
import { Heap, sharedHeap } from "./memory.ts";
import { ResidentMatrix } from "./resident.ts";
import { designRows } from "./rows/design-rows.ts";
import { sparseColumns } from "./sparse/sparse-columns.ts";
import { identityOf, usedBytes } from "./testing.ts";

const a = identityOf(3);
const three = () => Float64Array.of(1, 2, 3);
const compressed = {
  rows: 3,
  columns: 3,
  rowPointers: Int32Array.of(0, 1, 2, 3),
  columnIndices: Int32Array.of(0, 1, 2),
  values: new Float64Array(3).fill(1),
};
const sweeps = { lambda: 1, nonnegative: false, most: 3, share: 0.1 };
/** Calls a method as plain JavaScript, whose arguments nobody has checked. */
const call =
  (method: (...given: never[]) => unknown, self: unknown, ...given: unknown[]) =>
  () =>
    Reflect.apply(method, self, given);
const product = () => [...gemm({ a, b: { rows: 3, columns: 1, values: three() } }).values];

test("what is no block of columns is refused, and the heap stays whole", () => {
  const before = usedBytes(sharedHeap());
  for (const columns of [designColumns(a), sparseColumns(compressed)]) {
    for (const block of [undefined, 1.5, {}, [3], Int32Array.of(-1)]) {
      const out = new Float64Array(4);
      expect(call(columns.blockAdjoint, columns, three(), block, out)).toThrow();
      expect(call(columns.addColumns, columns, block, out, three())).toThrow();
      expect(call(columns.gram, columns, block, undefined, out)).toThrow();
      expect(call(columns.sweep, columns, block, out, sweeps, out, three())).toThrow();
      expect(product()).toEqual([1, 2, 3]);
    }
    columns.release();
  }
  expect(usedBytes(sharedHeap())).toBe(before);
});

test("numbers given as text are refused, whatever engines make of them", () => {
  const block = Int32Array.of(0, 2);
  const out = () => new Float64Array(2);
  for (const columns of [designColumns(a), sparseColumns(compressed)]) {
    for (const name of ["lambda", "most", "share"]) {
      const how = { ...sweeps, [name]: "2" };
      const sweep = call(columns.sweep, columns, block, Float64Array.of(1, 1), how, out(), three());
      expect(sweep).toThrow(BlasArgumentError);
      expect(sweep).toThrow(`${name} must be a number, got "2"`);
    }
    const how = { ...sweeps, nonnegative: "false" as never };
    const sweep = call(columns.sweep, columns, block, Float64Array.of(1, 1), how, out(), three());
    expect(sweep).toThrow('nonnegative must be true or false, got "false"');
    columns.release();
  }
  const factorize = () => cholesky({ a: identityOf(3), relativePivot: "2" as never });
  expect(factorize).toThrow(BlasArgumentError);
  expect(factorize).toThrow('relativePivot must be a number, got "2"');
});

test("steps and results of a block have room for it", () => {
  const block = Int32Array.of(0, 2);
  const one = new Float64Array(1);
  for (const columns of [designColumns(a), sparseColumns(compressed)]) {
    expect(() => columns.blockAdjoint(three(), block, one)).toThrow("out must have 2 numbers, got 1");
    expect(() => columns.addColumns(block, one, three())).toThrow("step must have 2 numbers, got 1");
    expect(() => columns.gram(block, undefined, three())).toThrow("out must have 4 numbers, got 3");
    expect(call(columns.addColumns, columns, block, new Float32Array(2), three())).toThrow(
      "step must be a Float64Array, got Float32Array",
    );
    const longer = new Float64Array(5).fill(7);
    columns.gram(block, undefined, longer);
    expect([...longer]).toEqual([1, 0, 0, 1, 7]);
    columns.release();
  }
});

test("a heap refuses what is no size", () => {
  const heap = new Heap(new WebAssembly.Memory({ initial: 1 }));
  const first = heap.allocate(64, "numbers");
  expect(() => heap.allocate(Number.NaN, "numbers")).toThrow(BlasArgumentError);
  expect(() => heap.allocate(Number.NaN, "numbers")).toThrow("NaN bytes for numbers");
  heap.free(first);
  expect(heap.allocate(64, "numbers")).toBe(first);
  for (const size of [-1, 1.5, Number.NaN])
    expect(() => new ResidentMatrix(size, 2)).toThrow(`rows must be a non-negative integer, got ${size}`);
  expect(product()).toEqual([1, 2, 3]);
});

test("vectors for conjugate gradients are given back by using, and read into vectors of their length", () => {
  const before = usedBytes(sharedHeap());
  const design = designRows(a);
  const vectors = design.weightedVectors({ weights: three() });
  {
    using kept = vectors;
    expect(() => kept.read({ x: new Float64Array(4) })).toThrow("x must have 3 numbers, got 4");
    using cells = gridLaplacian({ sizes: [3], diagonal: three() }).vectors();
    expect(() => cells.read({ residual: new Float64Array(2) })).toThrow(
      "residual must have 3 numbers, got 2",
    );
  }
  expect(() => vectors.turn(0)).toThrow(DisposedError);
  design.release();
  expect(usedBytes(sharedHeap())).toBe(before);
});
