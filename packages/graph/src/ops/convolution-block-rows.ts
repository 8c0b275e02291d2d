import type { Emitter } from "../onnx/emit.ts";
import { axesFrom, type Convolution } from "./convolution-products.ts";

/** With a larger share of the products, putting rows in order costs what the smaller convolution saves. */
const MOST_WORK = 0.8;

/** Rows of the result that are computed side by side, and the convolution that computes them. */
export interface BlockRows {
  readonly rows: number;
  readonly convolution: Convolution;
}

/**
 * How a convolution of few filters fills a block. A row of windows that covers m rows of the result, as tall as all of
 * their windows, gives m outputs a filter: filter o for row r is w[o] moved down by r strides, among zeros. Of 3 x 3
 * windows, 8 filters for 2 rows take 12 products an entry of the block instead of 18, and 2 filters for 8 rows 30 instead
 * of 72. (Those of zeros hand a NaN or an infinity on to the other rows of its block.)
 *
 * @returns one row where more would not save enough, or do not divide the rows of the result
 */
export function blockRows(outputs: number, block: number, convolution: Convolution): BlockRows {
  const { kernel, strides, dilations, output } = convolution;
  const height = (rows: number) => kernel[0] + (rows - 1) * strides[0];
  const most = dilations[0] === 1 ? Math.floor(block / outputs) : 1;
  const rows =
    axesFrom(2, Math.max(0, most - 1)).findLast(
      (count) => output[0] % count === 0 && height(count) <= MOST_WORK * count * kernel[0],
    ) ?? 1;
  return {
    rows,
    convolution: {
      ...convolution,
      kernel: kernel.with(0, height(rows)),
      strides: strides.with(0, rows * strides[0]),
      output: output.with(0, output[0] / rows),
    },
  };
}

/** The rows of the result in their order, from [batch, rows x outputs, ...] to [batch, outputs, ...]. */
export function rowsInOrder(
  emit: Emitter,
  result: string,
  outputs: number,
  { rows, convolution: { output } }: BlockRows,
): string {
  const [height, width] = output;
  const apart = emit.node("Reshape", [result, emit.integers([-1, rows, outputs, height, width])]);
  const inOrder = emit.node("Transpose", [apart], { perm: [0, 2, 3, 1, 4] });
  return emit.node("Reshape", [inOrder, emit.integers([-1, outputs, rows * height, width])]);
}

/** The transpose of rowsInOrder. */
export function rowsApart(
  emit: Emitter,
  y: string,
  outputs: number,
  { rows, convolution: { output } }: BlockRows,
): string {
  const [height, width] = output;
  const together = emit.node("Reshape", [y, emit.integers([-1, outputs, height, rows, width])]);
  const apart = emit.node("Transpose", [together], { perm: [0, 3, 1, 2, 4] });
  return emit.node("Reshape", [apart, emit.integers([-1, rows * outputs, height, width])]);
}
