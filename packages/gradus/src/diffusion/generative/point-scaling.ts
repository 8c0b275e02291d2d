import { add, constant, mul, type Tensor } from "@gradus/graph";
import { ArgumentError } from "../../check/errors.ts";

/**
 * An affine change of units by coordinate, in the space of the process: the process moves (y - center) / scale, where y is
 * the point or its logarithm. A scale of 0 stands for a coordinate that is constant: it is 0 there, and always its center in
 * samples.
 */
export interface PointScaling {
  readonly center: Float64Array;
  readonly scale: Float64Array;
}

/** Number k of points, row-major, in the units that the process moves. */
export function scaledNumber(y: number, k: number, { center, scale }: PointScaling): number {
  const j = k % center.length;
  return scale[j] > 0 ? (y - center[j]) / scale[j] : 0;
}

/** The inverse of `scaledNumber`. */
export function ownNumber(y: number, k: number, { center, scale }: PointScaling): number {
  const j = k % center.length;
  return scale[j] * y + center[j];
}

const row = (values: Float64Array, shape: readonly number[]): Tensor =>
  constant(Float32Array.from(values), [1, ...shape]);

/** `scaledNumber` inside a graph, for y [batch, ...shape]. */
export function tracedScaled(y: Tensor, shape: readonly number[], { center, scale }: PointScaling): Tensor {
  const inverse = scale.map((s) => (s > 0 ? 1 / s : 0));
  return mul(
    add(
      y,
      row(
        center.map((c) => -c),
        shape,
      ),
    ),
    row(inverse, shape),
  );
}

/** `ownNumber` inside a graph, for y [batch, ...shape]. */
export function tracedOwn(y: Tensor, shape: readonly number[], { center, scale }: PointScaling): Tensor {
  return add(mul(y, row(scale, shape)), row(center, shape));
}

/** @throws ArgumentError unless there are a finite center and a scale >= 0 for each coordinate */
export function checkScaling(shape: readonly number[], scaling: PointScaling): void {
  const size = shape.reduce((product, one) => product * one, 1);
  for (const name of ["center", "scale"] as const) {
    const values = scaling[name];
    if (!(values instanceof Float64Array) || values.length !== size)
      throw new ArgumentError(
        `scaling.${name} must be a Float64Array of ${size} numbers, one a coordinate, got ${values?.length ?? values}`,
      );
    const bad = values.findIndex((value) => !Number.isFinite(value) || (name === "scale" && value < 0));
    if (bad >= 0)
      throw new ArgumentError(
        `scaling.${name} must be ${name === "scale" ? "finite and >= 0" : "finite"}, got ${values[bad]} at index ${bad}`,
      );
  }
}
