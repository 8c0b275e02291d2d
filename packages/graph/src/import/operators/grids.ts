import { productOf } from "../../dimension-polynomials.ts";
import { add, div, mul, sub } from "../../ops/arithmetic.ts";
import { round } from "../../ops/rounding.ts";
import { reshape } from "../../ops/shape.ts";
import { slice } from "../../ops/slice.ts";
import { formatShape, isStatic, type Shape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import type { NodeCall, Operator } from "../node-call.ts";
import {
  channelsFirst,
  cubicTaps,
  entriesAt,
  imagesOf,
  interpolated,
  linearTaps,
  type Outside,
  within,
} from "./sampling.ts";

function outsideOf(call: NodeCall): Outside {
  const mode = call.text("padding_mode", "zeros");
  if (mode === "reflection") return call.int("align_corners", 0) === 1 ? "centers" : "edges";
  return mode === "zeros" || mode === "border" ? mode : call.refuse(`padding_mode ${mode} is not supported`);
}

/** Coordinates from -1 to 1 as positions along an axis of the size: of the centers of its ends, or of their edges. */
function positionOf(coordinate: Tensor, size: number, align: boolean): Tensor {
  return align ? mul(add(coordinate, 1), (size - 1) / 2) : div(sub(mul(add(coordinate, 1), size), 1), 2);
}

/** An image [N, C, ...sizes] at the points of a grid [N, ...output, axes], whose last axis comes first. */
const gridSample: Operator = (call) => {
  const [x, grid] = [call.input(0), call.input(1)];
  const sizes: Shape = x.shape.slice(2);
  if (!isStatic(sizes)) return call.refuse(`the sizes of ${formatShape(x.shape)} must be known`);
  const align = call.int("align_corners", 0) === 1;
  const outside = outsideOf(call);
  const mode = call.text("mode", call.opset < 20 ? "bilinear" : "linear").replace(/^bi/, "");
  const output = grid.shape.slice(1, -1);
  const lists = [grid.shape[0], productOf(output)];
  const positions = sizes.map((size, axis) => {
    const column = sizes.length - 1 - axis;
    const own = slice(grid, { axis: -1, start: column, end: column + 1 });
    const position = positionOf(reshape(own, lists), size, align);
    return within(mode === "nearest" ? round(position) : position, size, outside);
  });
  const images = imagesOf(x, sizes, outside);
  switch (mode) {
    case "nearest":
      return channelsFirst(entriesAt(images, positions), output);
    case "linear":
      return channelsFirst(interpolated(images, positions, linearTaps), output);
    case "cubic":
      return channelsFirst(interpolated(images, positions, cubicTaps), output);
    default:
      return call.refuse(`mode ${mode} is not supported`);
  }
};

export const grids: Readonly<Record<string, Operator>> = { GridSample: gridSample };
