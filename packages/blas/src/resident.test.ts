import { expect, test } from "vitest";
import { choleskySolve } from "./dense/cholesky.ts";
import { gemm } from "./dense/gemm.ts";
import { gemv } from "./dense/gemv.ts";
import { syrk } from "./dense/syrk.ts";
import { trsm } from "./dense/triangular.ts";
import { DisposedError } from "./errors.ts";
import { sharedHeap } from "./memory.ts";
import { residentMatrix } from "./resident.ts";
import { productOf, randomMatrix, transposeOf, triangleOf, usedBytes } from "./testing.ts";

test("products of residents stay where they are", () => {
  const a = randomMatrix(20, 30, 1);
  using resident = residentMatrix(a);
  using square = residentMatrix(randomMatrix(20, 20, 2));
  expect(gemm({ a: resident, b: resident, transposeB: true, c: square })).toBe(square);
  const exact = productOf(a, transposeOf(a));
  for (const [i, value] of square.toMatrix().values.entries()) expect(value).toBeCloseTo(exact.values[i], 12);
  syrk({ a: resident, beta: -1, c: square });
  const values = square.toMatrix().values;
  for (let i = 0; i < 20; i++) for (let j = 0; j <= i; j++) expect(values[i * 20 + j]).toBeCloseTo(0, 12);
});

test("a resident outlives growth, and its memory is given back", () => {
  const heap = sharedHeap();
  const before = usedBytes(heap);
  const a = randomMatrix(17, 5, 3, 2);
  const resident = residentMatrix(a);
  const other = residentMatrix(randomMatrix(1000, Math.ceil(heap.numbers.length / 1000) + 100, 1));
  expect(resident.toMatrix().values[5]).toBe(a.values[7]);
  other.dispose();
  resident.dispose();
  resident.dispose();
  expect(usedBytes(heap)).toBe(before);
});

test("use after disposal is an error", () => {
  const resident = residentMatrix(randomMatrix(2, 3, 1));
  resident[Symbol.dispose]();
  expect(() => gemv({ a: resident, x: new Float64Array(3) })).toThrow(DisposedError);
  expect(() => resident.toMatrix()).toThrow("a 2 x 3 resident matrix was used after it was disposed of");
});

test("a result that is also a factor is refused", () => {
  using a = residentMatrix(randomMatrix(3, 3, 1));
  expect(() => gemm({ a, b: a, c: a })).toThrow("c must not be a or b");
  expect(() => syrk({ a, c: a })).toThrow("c must not be a or b");
});

test("a resident is no right-hand side of its own system", () => {
  const matrix = randomMatrix(3, 3, 1);
  using a = residentMatrix(matrix);
  const name = "b must not be the resident matrix that is solved with";
  expect(() => trsm({ t: a, triangle: "lower", b: a })).toThrow(name);
  expect(() => trsm({ t: a, triangle: "upper", b: a, side: "right" })).toThrow(name);
  expect(() => choleskySolve({ l: a, b: a })).toThrow(name);
  expect(a.toMatrix()).toEqual(matrix);
});

test("a triangle is copied out with zeros beside it, a diagonal alone", () => {
  const a = randomMatrix(7, 7, 4);
  using resident = residentMatrix(a);
  expect(resident.toTriangle("upper").values).toEqual(triangleOf(a, "upper").values);
  expect(resident.toTriangle("lower").values).toEqual(triangleOf(a, "lower").values);
  const flat = randomMatrix(2, 3, 1);
  using wide = residentMatrix(flat);
  expect([...wide.diagonal()]).toEqual([flat.values[0], flat.values[4]]);
  expect(() => wide.toTriangle("upper")).toThrow("must be square, got 2 x 3");
});
