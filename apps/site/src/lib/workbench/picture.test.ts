import { expect, test } from "vitest";
import { inkOf, pictureOf } from "./picture.ts";
import type { RowInput } from "./protocol.ts";

const input = (...shape: number[]): RowInput => {
  const size = shape.reduce((product, one) => product * one, 1);
  return { parts: [{ name: "x", dtype: "f32", shape, size, source: { columns: true } }], features: size };
};

test.each([
  [[1, 8, 8], { side: 8, ink: 16 }],
  [[64], { side: 8, ink: 16 }],
  [[28, 28, 1], { side: 28, ink: 1 }],
  [[784], { side: 28, ink: 1 }],
  [[3, 8, 8], undefined],
  [[30], undefined],
  [[2, 8], undefined],
  [[4], undefined],
  [[1, 224, 224], undefined],
])("rows of shape %j", (shape, wanted) => {
  expect(pictureOf(input(...shape))).toEqual(wanted);
});

test("ink is from 0 to 1, whatever the largest number", () => {
  expect(inkOf([0, 8, 16, -1], { side: 2, ink: 16 })).toEqual([0, 0.5, 1, 0]);
  expect(inkOf([0, 255], { side: 8, ink: 1 })).toEqual([0, 1]);
});
