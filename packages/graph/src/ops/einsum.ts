import { ShapeError } from "../errors.ts";
import { type Dimension, formatShape, type Shape } from "../shape.ts";
import { apply, floatType, type Op, sameType, type Tensor } from "../tensor.ts";
import { add } from "./arithmetic.ts";
import { broadcastTo } from "./broadcast.ts";
import { lowerContraction } from "./einsum-contract.ts";
import { lowerEinsum } from "./einsum-lower.ts";
import { reshape } from "./shape.ts";

/** One letter for each dimension of each operand and of the result. */
interface EinsumAttributes {
  readonly subscripts: readonly string[];
  readonly output: string;
}

const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

function written({ subscripts, output }: EinsumAttributes): string {
  return `${subscripts.join(",")}->${output}`;
}

/** The size of each letter's dimension. */
function sizesOf(inputs: readonly Tensor[], attributes: EinsumAttributes): ReadonlyMap<string, Dimension> {
  const sizes = new Map<string, Dimension>();
  inputs.forEach(({ shape }, i) => {
    const subscript = attributes.subscripts[i];
    if (subscript.length !== shape.length)
      throw new ShapeError(
        `einsum: "${subscript}" names ${subscript.length} dimensions, operand ${i} is ${formatShape(shape)}`,
      );
    shape.forEach((dimension, axis) => {
      const known = sizes.get(subscript[axis]);
      if (known !== undefined && known !== dimension)
        throw new ShapeError(
          `einsum: "${subscript[axis]}" of "${written(attributes)}" is ${known} and, in operand ${i}, ${dimension}`,
        );
      sizes.set(subscript[axis], dimension);
    });
  });
  return sizes;
}

export const einsumOp: Op<EinsumAttributes> = {
  name: "einsum",
  type: (inputs, attributes) => {
    const dtype = sameType("einsum", inputs);
    floatType("einsum", inputs[0]);
    const sizes = sizesOf(inputs, attributes);
    return { dtype, shape: [...attributes.output].map((letter) => sizes.get(letter)!) };
  },
  // The result is linear in each operand: its transpose is the product of the cotangent and the other operands.
  vjp: ({ inputs, attributes: { subscripts, output } }, cotangent) =>
    inputs.map(({ shape }, i) =>
      spread(
        [cotangent, ...inputs.toSpliced(i, 1)],
        [output, ...subscripts.toSpliced(i, 1)],
        subscripts[i],
        shape,
      ),
    ),
  jvp: ({ inputs, attributes }, tangents) => {
    const terms = tangents.flatMap((tangent, i) =>
      tangent ? [apply(einsumOp, inputs.with(i, tangent), attributes)] : [],
    );
    return terms.length > 0 ? terms.reduce((a, b) => add(a, b)) : undefined;
  },
  lower: (emit, names, { inputs, output, attributes }) => {
    const { subscripts, output: target } = attributes;
    const shapes = inputs.map(({ shape }) => shape);
    return (
      lowerContraction(emit, names, subscripts, target, shapes, output.shape) ??
      lowerEinsum(
        emit,
        names.map((name, i) => ({ name, letters: subscripts[i] })),
        target,
        sizesOf(inputs, attributes),
      )
    );
  },
  vmap: (inputs, batched, { subscripts, output }) => {
    const used = new Set(subscripts.join(""));
    const leading = [...LETTERS].find((letter) => !used.has(letter));
    if (!leading) throw new ShapeError("einsum: all letters are in use, none is left for a leading axis");
    return apply(einsumOp, inputs, {
      subscripts: subscripts.map((subscript, i) => (batched[i] ? leading + subscript : subscript)),
      output: leading + output,
    });
  },
};

/** The product summed to the letters of `target`, repeated along letters that no operand has. */
function spread(
  inputs: readonly Tensor[],
  subscripts: readonly string[],
  target: string,
  shape: Shape,
): Tensor {
  const available = new Set(subscripts.join(""));
  const output = [...target].filter((letter) => available.has(letter)).join("");
  const product =
    inputs.length === 1 && subscripts[0] === output
      ? inputs[0]
      : apply(einsumOp, inputs, { subscripts, output });
  const kept = shape.map((dimension, axis) => (available.has(target[axis]) ? dimension : 1));
  return broadcastTo(reshape(product, kept), shape);
}

function parse(equation: string, operands: number): EinsumAttributes {
  const refuse = (why: string) => new ShapeError(`einsum: "${equation}" ${why}`);
  const [left, right, ...more] = equation.replaceAll(" ", "").split("->");
  if (left.includes(".") || right?.includes("."))
    throw refuse('has an ellipsis "...", which is not supported');
  if (more.length > 0 || !/^[A-Za-z,]*$/.test(left) || (right !== undefined && !/^[A-Za-z]*$/.test(right)))
    throw refuse('must have the form "ij,jk->ik": letters, commas between operands, an optional arrow');
  const subscripts = left.split(",");
  if (subscripts.length !== operands) throw refuse(`is for ${subscripts.length} operands, got ${operands}`);
  const count = new Map<string, number>();
  for (const subscript of subscripts) {
    for (const letter of subscript) count.set(letter, (count.get(letter) ?? 0) + 1);
    if (new Set(subscript).size !== subscript.length)
      throw refuse(`repeats a letter within "${subscript}", which is not supported`);
  }
  const once = [...count.keys()].filter((letter) => count.get(letter) === 1);
  const output = right ?? once.sort().join("");
  if (new Set(output).size !== output.length) throw refuse(`repeats a letter in the result "${output}"`);
  for (const letter of output)
    if (!count.has(letter)) throw refuse(`has "${letter}" in the result but in no operand`);
  return { subscripts, output };
}

/**
 * Sums of products in Einstein notation: "ij,jk->ik" is the matrix product, "bij,bjk->bik" a batch of products over b,
 * and "ij->j" a sum over i. Without an arrow the result has the letters that appear once, in alphabetical order.
 *
 * @param equation letters for the dimensions of each operand, each at most once per operand
 * @throws ShapeError when the equation does not match the operands, or a letter has two sizes
 */
export function einsum(equation: string, ...operands: readonly Tensor[]): Tensor {
  return apply(einsumOp, operands, parse(equation, operands.length));
}
