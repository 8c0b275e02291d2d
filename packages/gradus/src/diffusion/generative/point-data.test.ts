import { expect, test } from "vitest";
import { ArgumentError, DataError } from "../../check/errors.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { geometricBrownianProcess, varianceExplodingProcess } from "../processes/brownian.ts";
import { cleanPoints, coordinateMoments, imagePoints, type PointArray } from "./point-data.ts";

const multiplicative = geometricBrownianProcess();
const additive = varianceExplodingProcess();

test("a multiplicative process sees logarithms, an additive one the points", () => {
  const data = denseMatrix([1, Math.E, 2, 1], 2, 2);
  expect(Array.from(cleanPoints(multiplicative, data).values)).toEqual([0, 1, Math.fround(Math.LN2), 0]);
  expect(cleanPoints(additive, { shape: [2, 1, 2], values: [1, 2, 3, -4] })).toMatchObject({
    count: 2,
    shape: [1, 2],
  });
});

test("moments are of each coordinate", () => {
  const moments = coordinateMoments(cleanPoints(additive, denseMatrix([1, 5, 3, 5], 2, 2)));
  expect(Array.from(moments.mean)).toEqual([2, 5]);
  expect(Array.from(moments.variance)).toEqual([1, 0]);
});

test("images become positive points", () => {
  const bytes = { shape: [2, 1, 2], values: Uint8Array.of(0, 255, 51, 0) };
  expect(imagePoints(bytes)).toEqual({ shape: [2, 1, 1, 2], values: Float64Array.of(1, 2, 1.2, 1) });
  expect(imagePoints({ shape: [1, 1, 1, 1], values: [8] }, { white: 16, offset: 0 }).values[0]).toBe(0.5);
  expect(() => imagePoints({ shape: [2, 4], values: new Float64Array(8) })).toThrow("images must be");
  expect(() => imagePoints(bytes, { white: 0 })).toThrow("white must be a positive number, got 0");
});

test("data that no law can be learned from are refused with their place", () => {
  const of = (...values: number[]) => denseMatrix(values, values.length / 2, 2);
  expect(() => cleanPoints(multiplicative, of(1, 2, 0, 1))).toThrow(
    "data of a geometric Brownian process must be positive, got 0 in point 1, number 0; shift them",
  );
  expect(() => cleanPoints(additive, of(1, Number.NaN, 0, 1))).toThrow(
    "data must be finite, got NaN in point 0, number 1",
  );
  expect(() => cleanPoints(additive, of(1, 2, -1e300, 1))).toThrow(
    "data must be within ±3.4e38, the range of float32, got -1e+300 in point 1, number 0; scale them",
  );
  // text that looks like a number is not one, and is shown as text
  const text = { shape: [2, 1], values: ["1", "2"] } as unknown as PointArray;
  expect(() => cleanPoints(additive, text)).toThrow('data must be finite, got "1" in point 0');
  for (const shape of [
    [2.5, 2],
    [-2, -2],
  ])
    expect(() => cleanPoints(additive, { shape, values: new Array(Math.abs(shape[0] * 2)).fill(1) })).toThrow(
      `data must have points along the first axis and their numbers along others, got the shape [${shape.join(", ")}]`,
    );
  expect(() => cleanPoints(additive, of(1, 2))).toThrow(
    new DataError("data must have at least two points, got 1"),
  );
  expect(() => cleanPoints(additive, { shape: [4], values: [1, 2, 3, 4] })).toThrow(ArgumentError);
  const unknown: never = [1, 2, 3] as never;
  expect(() => cleanPoints(additive, unknown)).toThrow("data must be a matrix");
});
