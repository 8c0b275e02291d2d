import { describe, expect, test } from "vitest";
import { ArgumentError } from "../../check/errors.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { teacherNetwork } from "./teacher-network.ts";

describe("teacherNetwork", () => {
  test("labels rows with the sum of the units' outputs", () => {
    const { x, y, weights, outputs } = teacherNetwork({
      n: 7,
      d: 4,
      hidden: 5,
      signs: "alternating",
      seed: 1,
    });
    expect(Array.from(outputs)).toEqual([1, -1, 1, -1, 1]);
    for (let i = 0; i < x.rows; i++) {
      let expected = 0;
      for (let k = 0; k < 5; k++) {
        let product = 0;
        for (let j = 0; j < x.columns; j++)
          product += weights.values[k * x.columns + j] * x.values[i * x.columns + j];
        expected += (k % 2 === 0 ? 1 : -1) * Math.max(0, product);
      }
      expect(y[i]).toBeCloseTo(expected, 12);
    }
  });

  test("with directions on the sphere has the known mean and second moment of a rectified unit", () => {
    // <v, x> is standard normal: E relu = 1 / sqrt(2 pi), E relu^2 = 1/2
    const n = 50_000;
    const { y } = teacherNetwork({ n, d: 3, hidden: 1, directions: "sphere", seed: 2 });
    const mean = y.reduce((sum, v) => sum + v, 0) / n;
    const square = y.reduce((sum, v) => sum + v * v, 0) / n;
    expect(Math.abs(mean - 1 / Math.sqrt(2 * Math.PI))).toBeLessThan(5 * Math.sqrt(0.341 / n));
    expect(Math.abs(square - 0.5)).toBeLessThan(5 * Math.sqrt(1.25 / n)); // E relu^4 = 3/2
  });

  test("puts inputs on the sphere of radius sqrt(d)", () => {
    const { x } = teacherNetwork({ n: 20, d: 9, hidden: 2, inputs: "sphere", activation: "tanh", seed: 3 });
    for (let i = 0; i < 20; i++)
      expect(Math.hypot(...x.values.subarray(9 * i, 9 * i + 9))).toBeCloseTo(3, 13);
  });

  test("keeps the teacher and the inputs when the noise or the number of rows changes", () => {
    const options = { d: 3, hidden: 2, activation: "tanh", seed: 4 } as const;
    const few = teacherNetwork({ n: 5, ...options });
    const noisy = teacherNetwork({ n: 4000, ...options, noise: 0.3 });
    expect(noisy.weights).toEqual(few.weights);
    expect(noisy.x.values.subarray(0, 15)).toEqual(few.x.values);
    expect(few.teacher(few.x)).toEqual(few.y);
    const clean = noisy.teacher(noisy.x);
    const square = noisy.y.reduce((sum, v, i) => sum + (v - clean[i]) ** 2, 0) / 4000;
    expect(Math.abs(square / 0.09 - 1)).toBeLessThan(5 * Math.sqrt(2 / 4000));
  });

  test("rejects sizes that are none, and rows that do not fit", () => {
    expect(() => teacherNetwork({ n: 5, d: 3, hidden: 0, seed: 1 })).toThrow(
      "hidden must be a positive integer, got 0",
    );
    expect(() => teacherNetwork({ n: 5, d: 3, hidden: 1, noise: -1, seed: 1 })).toThrow(ArgumentError);
    const { teacher } = teacherNetwork({ n: 5, d: 3, hidden: 1, seed: 1 });
    expect(() => teacher(denseMatrix(new Float64Array(4), 1, 4))).toThrow(
      "rows must have d = 3 columns, got 4",
    );
  });
});
