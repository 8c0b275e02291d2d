import type { OnnxValue } from "@gradus/graph";
import type { DrawnNode } from "./drawn-nodes.ts";

/** The words in a box. */
export interface Label {
  readonly title: string;
  readonly detail: string;
}

/** Shapes of the stored tensors by name. */
export type StoredShapes = ReadonlyMap<string, readonly number[]>;

const sizeOf = (shape: readonly number[]) => shape.reduce((product, d) => product * d, 1);

/** Dimensions as words: `batch × 1 × 28 × 28`, `a number` for none. */
export function shapeWords(shape: OnnxValue["shape"]): string {
  if (shape === undefined) return "";
  return shape.length === 0 ? "a number" : shape.join(" × ");
}

/** How many numbers a node's parameters have. */
export function parameterCount({ parameters }: DrawnNode, shapes: StoredShapes): number {
  return parameters.reduce((sum, name) => sum + sizeOf(shapes.get(name) ?? []), 0);
}

const numbersOf = (value: unknown): readonly number[] | undefined =>
  Array.isArray(value) && value.every((one) => typeof one === "number") ? value : undefined;

/** What an operator's size is: the kernel and channels of a convolution, the widths of a product with a matrix. */
function sizes({ node, weights }: DrawnNode): string {
  const { operator, attributes } = node;
  const kernel =
    numbersOf(attributes.kernel_shape) ?? (/^Conv/.test(operator) ? weights?.slice(2) : undefined);
  if (kernel && kernel.length > 0) {
    const channels =
      operator === "Conv" ? weights?.[0] : operator === "ConvTranspose" ? weights?.[1] : undefined;
    return ` ${kernel.join(" × ")}${channels === undefined ? "" : `, ${channels}`}`;
  }
  if ((operator === "Gemm" || operator === "MatMul") && weights?.length === 2) {
    const [from, to] = attributes.transB === 1 ? [weights[1], weights[0]] : weights;
    return ` ${from} → ${to}`;
  }
  return "";
}

/** The title and detail of a node's box, such as `Conv 3 × 3, 8` and `80 parameters`. */
export function nodeLabel(drawn: DrawnNode, shapes: StoredShapes): Label {
  const { operator, attributes, innerNodes, supported } = drawn.node;
  const count = parameterCount(drawn, shapes);
  const strides = numbersOf(attributes.strides);
  const details = [
    ...(supported ? [] : ["not supported"]),
    ...(count > 0 ? [`${count.toLocaleString("en-US")} ${count === 1 ? "parameter" : "parameters"}`] : []),
    ...(strides?.some((stride) => stride > 1) ? [`stride ${[...new Set(strides)].join(" × ")}`] : []),
    ...(innerNodes > 0 ? [`${innerNodes} operators inside`] : []),
  ];
  return { title: operator + sizes(drawn), detail: details.join(" · ") };
}
