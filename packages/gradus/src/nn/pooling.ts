import { max, mean, reshape, type Tensor } from "@gradus/graph";
import { ArgumentError } from "../check/errors.ts";

function spatialAxes(operation: string, x: Tensor): number[] {
  if (x.shape.length < 3)
    throw new ArgumentError(
      `${operation}: expected [batch, channels, ...sizes], got [${x.shape.join(", ")}]`,
    );
  return [...x.shape.keys()].slice(2);
}

/**
 * The mean of each channel over all spatial positions: [batch, channels, ...sizes] to [batch, channels].
 * Source: Lin, Chen & Yan 2014.
 *
 * @throws ArgumentError without spatial axes
 */
export function globalAveragePool(x: Tensor): Tensor {
  return mean(x, { axes: spatialAxes("globalAveragePool", x) });
}

/**
 * The maximum of each channel over all spatial positions: [batch, channels, ...sizes] to [batch, channels].
 *
 * @throws ArgumentError without spatial axes
 */
export function globalMaxPool(x: Tensor): Tensor {
  return max(x, { axes: spatialAxes("globalMaxPool", x) });
}

/**
 * Flattens all dimensions after the first: [batch, ...sizes] to [batch, product of the sizes].
 *
 * @throws ArgumentError unless the sizes are known at trace time
 */
export function flatten(x: Tensor): Tensor {
  const [batch, ...sizes] = x.shape;
  if (x.shape.length === 0 || !sizes.every((size) => typeof size === "number"))
    throw new ArgumentError(`flatten: expected sizes known at trace time, got [${x.shape.join(", ")}]`);
  return reshape(x, [batch, sizes.reduce<number>((product, size) => product * Number(size), 1)]);
}
