import type { OnnxGraph } from "@gradus/graph";
import type { RowInput } from "../protocol.ts";

const MOST_FEATURES = 1_000_000;

/** How rows of numbers go into a model: it must have one input, whose dimensions after the first are known. */
export function rowInput(
  { inputs }: Pick<OnnxGraph, "inputs">,
  isFloat: (input: string) => boolean,
): RowInput | { readonly obstacle: string } {
  if (inputs.length !== 1)
    return { obstacle: `the model has ${inputs.length} inputs; rows of numbers go into models with one` };
  const [{ name, shape = [] }] = inputs;
  const [batch, ...rest] = shape;
  if (!isFloat(name))
    return { obstacle: `the input ${name} is not floating-point; rows of numbers go into those that are` };
  if (batch === undefined || rest.length === 0)
    return { obstacle: `the input ${name} has no rows: its shape is [${shape.join(", ")}]` };
  const sizes: number[] = [];
  for (const size of rest) {
    if (typeof size !== "number")
      return { obstacle: `the size of a row is open: the input ${name} is [${shape.join(", ")}]` };
    sizes.push(size);
  }
  const features = sizes.reduce((product, size) => product * size, 1);
  if (features < 1 || features > MOST_FEATURES)
    return { obstacle: `a row of the input ${name} has ${features.toLocaleString("en-US")} numbers` };
  return { name, shape: sizes, features, ...(typeof batch === "number" && { batch }) };
}
