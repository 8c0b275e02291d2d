import {
  type ArrayValue,
  type CompileOptions,
  compile,
  f32,
  floatData,
  releaseArrays,
  specsOf,
  type Tensor,
  type Tree,
} from "@gradus/graph";
import { checkLength } from "../../check/arrays.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkGivenOptions } from "../../check/options.ts";
import type { Model } from "../../nn/model.ts";
import type { AsTensors, ValuesOf } from "../../tree/arrays.ts";
import type { DirectionSource } from "./direction.ts";

export interface NetworkDirectionOptions<P extends ValuesOf<P>> extends CompileOptions {
  /** From a residual [1, 1, ...shape] in float32 to a direction of that shape. */
  readonly model: Pick<Model<P>, "apply">;
  /** In float32. */
  readonly parameters: P;
  /** Cells along each axis, as of a `GridOperator`; another one than that of the training, if the model takes it. */
  readonly shape: readonly number[];
  /** 1 where a cell has an unknown; the direction is 0 elsewhere. */
  readonly active?: Uint8Array;
}

/** A network as a source of directions. Holds native memory: dispose of it, or declare it with `using`. */
export interface NetworkDirection extends DirectionSource, Disposable {
  apply(residual: Float64Array, out: Float64Array): Promise<void>;
}

/**
 * Compiles a network for grids of one size as a source of directions for `conjugateDirections`: evaluated in float32,
 * which costs no accuracy, since directions may be any.
 *
 * @throws ArgumentError for an unknown option, when the output has another shape, or what the model throws for a shape
 *   that it does not take
 */
export async function networkDirection<P extends ValuesOf<P>>(
  options: NetworkDirectionOptions<P>,
): Promise<NetworkDirection> {
  checkGivenOptions("networkDirection", options, [
    "model",
    "parameters",
    "shape",
    "active",
    "threads",
    "runtime",
    "name",
  ]);
  const { model, parameters, shape, active, ...rest } = options;
  const cells = shape.reduce((product, size) => product * size, 1);
  if (active) checkLength("active", active, cells);
  const values: Tree<ArrayValue> = parameters;
  const program = await compile(
    ({ p, x }: { readonly p: Tree<Tensor>; readonly x: Tensor }) => {
      const y = model.apply(p as AsTensors<P>, x);
      if (y.shape.length !== x.shape.length || y.shape.some((size, axis) => size !== x.shape[axis]))
        throw new ArgumentError(
          `model must return the shape of its input [${x.shape.join(", ")}], got [${y.shape.join(", ")}]`,
        );
      return y;
    },
    { p: specsOf(values), x: f32(1, 1, ...shape) },
    rest,
  );
  const input = new Float32Array(cells);
  return {
    async apply(residual, out) {
      checkLength("residual", residual, cells);
      input.set(residual);
      const result = await program.run({ p: values, x: input });
      const direction = floatData(result);
      for (let k = 0; k < cells; k++) out[k] = active?.[k] === 0 ? 0 : direction[k];
      releaseArrays(result);
    },
    [Symbol.dispose]: () => program[Symbol.dispose](),
  };
}
