import { describe, expect, test } from "vitest";
import { blockRows } from "./convolution-block-rows.ts";
import { windowsOver } from "./windows.ts";

const BLOCK = 16;

const rowsOf = (
  outputs: number,
  input: readonly number[],
  kernel: readonly number[],
  options: { readonly strides?: number; readonly dilations?: number } = {},
) =>
  blockRows(outputs, BLOCK, {
    ...windowsOver("test", input, kernel, { padding: 0, strides: 1, dilations: 1, ...options }),
    groups: 1,
  });

describe("rows of a result share a block", () => {
  test("as many as fill it and divide the rows", () => {
    expect(rowsOf(8, [16, 9], [3, 3]).rows).toBe(2);
    expect(rowsOf(8, [17, 9], [3, 3]).rows).toBe(1);
    expect(rowsOf(3, [17, 9], [3, 3]).rows).toBe(5);
    expect(rowsOf(1, [26, 9], [3, 3]).rows).toBe(12);
    expect(rowsOf(9, [16, 9], [3, 3]).rows).toBe(1);
  });

  test("not where windows are no taller than their stride, hardly overlap, or have gaps", () => {
    expect(rowsOf(8, [16, 9], [1, 3]).rows).toBe(1);
    expect(rowsOf(8, [17, 9], [3, 3], { strides: 2 }).rows).toBe(1);
    expect(rowsOf(4, [17, 9], [3, 3], { strides: 2 }).rows).toBe(4);
    expect(rowsOf(8, [18, 9], [3, 3], { dilations: 2 }).rows).toBe(1);
  });

  test("under windows that cover those of all of them, as far apart as the first", () => {
    const { rows, convolution } = rowsOf(4, [19, 9], [5, 3], { strides: 2 });
    expect(rows).toBe(4);
    expect(convolution.kernel).toStrictEqual([11, 3]);
    expect(convolution.strides).toStrictEqual([8, 2]);
    expect(convolution.output).toStrictEqual([2, 4]);
  });
});
