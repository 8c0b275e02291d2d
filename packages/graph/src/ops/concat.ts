import { checkOptions } from "../check.ts";
import { sumOf } from "../dimension-polynomials.ts";
import { ShapeError } from "../errors.ts";
import { type Dimension, formatShape, normalizeAxes, sameShape } from "../shape.ts";
import { apply, type Op, sameType, type Tensor } from "../tensor.ts";
import { withLeading } from "./align.ts";
import { zerosLike } from "./broadcast.ts";
import { cutBetween } from "./cut.ts";
import { expandDims } from "./shape.ts";

export interface ConcatAttributes {
  readonly axis: number;
}

export const concatOp: Op<ConcatAttributes> = {
  name: "concat",
  type: (inputs, { axis }) => {
    const [{ shape }] = inputs;
    const others = (dimensions: readonly Dimension[]) => dimensions.filter((_, i) => i !== axis);
    for (const t of inputs)
      if (t.shape.length !== shape.length || !sameShape(others(t.shape), others(shape)))
        throw new ShapeError(
          `concat: shapes must be equal except in dimension ${axis}, got ${inputs.map((x) => formatShape(x.shape)).join(" and ")}`,
        );
    const total = inputs.map((t) => t.shape[axis]).reduce(sumOf);
    return { dtype: sameType("concat", inputs), shape: shape.map((d, i) => (i === axis ? total : d)) };
  },
  vjp: ({ inputs, attributes: { axis } }, cotangent) => {
    let start: Dimension = 0;
    return inputs.map(({ shape }) => {
      const part = cutBetween(cotangent, axis, start, shape[axis]);
      start = sumOf(start, shape[axis]);
      return part;
    });
  },
  jvp: ({ inputs, attributes: { axis } }, tangents) =>
    tangents.some((t) => t)
      ? concat(
          inputs.map((x, i) => tangents[i] ?? zerosLike(x)),
          { axis },
        )
      : undefined,
  lower: (emit, inputs, { attributes: { axis } }) => emit.node("Concat", inputs, { axis }),
  vmap: (inputs, batched, { axis }, size) =>
    concat(
      inputs.map((x, i) => withLeading(x, batched[i], size)),
      { axis: axis + 1 },
    ),
};

/**
 * Concatenates tensors along an existing dimension; named sizes add up to a sum of names, such as `"past+sequence"`.
 *
 * @throws ShapeError when there are no tensors, or other dimensions differ
 */
export function concat(tensors: readonly Tensor[], options: { readonly axis?: number } = {}): Tensor {
  checkOptions("concat", options, ["axis"]);
  const { axis = 0 } = options;
  if (tensors.length === 0) throw new ShapeError("concat: expected at least one tensor, got none");
  const [along] = normalizeAxes("concat", tensors[0].shape.length, axis);
  return tensors.length === 1 ? tensors[0] : apply(concatOp, tensors, { axis: along });
}

/**
 * Stacks tensors of the same shape along a new dimension, which is dimension `axis` of the result.
 *
 * @throws ShapeError when there are no tensors, or shapes differ
 */
export function stack(tensors: readonly Tensor[], options: { readonly axis?: number } = {}): Tensor {
  checkOptions("stack", options, ["axis"]);
  const { axis = 0 } = options;
  if (tensors.length === 0) throw new ShapeError("stack: expected at least one tensor, got none");
  for (const { shape } of tensors)
    if (!sameShape(shape, tensors[0].shape))
      throw new ShapeError(
        `stack: shapes must be equal, got ${formatShape(tensors[0].shape)} and ${formatShape(shape)}`,
      );
  return concat(
    tensors.map((t) => expandDims(t, axis)),
    { axis },
  );
}
