import { isFloat } from "../dtype.ts";
import { UnsupportedError } from "../errors.ts";
import type { Dimension } from "../shape.ts";
import { apply, type Op, type Tensor, type TensorType } from "../tensor.ts";
import type { NodeDescription, ValueDescription } from "./model-description.ts";
import { dimensionName } from "./model-values.ts";
import type { NodeCall } from "./node-call.ts";

/** A node of another model's file that stays as it is, and which of its outputs this is. */
interface ForwardOnly extends TensorType {
  /** The node as messages name it. */
  readonly label: string;
  /** Tells nodes apart whose other attributes are equal. */
  readonly serial: number;
  readonly opType: string;
  readonly domain: string;
  readonly version: number;
  readonly output: number;
  readonly outputs: number;
  /** The ONNX element types of the inputs, 0 for one that is left out. */
  readonly elementTypes: readonly number[];
  readonly encoded: () => readonly Uint8Array[];
}

function withoutDerivative({ label }: ForwardOnly): never {
  throw new UnsupportedError(
    `${label}: the node is kept for its values only and has no derivative, but lies between a variable and the result`,
  );
}

const forwardOnlyOp: Op<ForwardOnly> = {
  name: "forwardOnly",
  type: (_, { dtype, shape }) => ({ dtype, shape }),
  vjp: ({ attributes }) => withoutDerivative(attributes),
  jvp: ({ attributes }) => (isFloat(attributes.dtype) ? withoutDerivative(attributes) : undefined),
  lower: (emit, names, { attributes }) => {
    const { opType, domain, version, elementTypes, outputs, output, dtype, encoded } = attributes;
    let next = 0;
    const inputs = elementTypes.map((to) => (to === 0 ? "" : emit.node("Cast", [names[next++]], { to })));
    const results = emit.foreign({ opType, domain, version, encoded: encoded() }, inputs, outputs);
    return emit.cast(results[output], dtype);
  },
};

/** Operators of the standard domain whose nodes mean the same in the operator set that files are written in. */
const sinceVersion: Readonly<Record<string, number>> = {
  Compress: 9,
  NonMaxSuppression: 10,
  NonZero: 9,
  TfIdfVectorizer: 9,
  Unique: 11,
};

/** Whether a node can stay as it is: its operator must mean the same in an exported file, and capture nothing. */
export function canBeKept({ opType, domain, attributes }: NodeDescription, version: number): boolean {
  if ([...attributes.values()].some(({ graph, tensor }) => graph || tensor?.external)) return false;
  return domain !== "" || (Object.hasOwn(sinceVersion, opType) && version >= sinceVersion[opType]);
}

const plainTypes = { f32: 1, f64: 11, i64: 7, bool: 9 } as const;

let serials = 0;

/**
 * The outputs of a node that stays as it is, without derivative.
 *
 * @param described the type and shape of a value, where the file tells them
 * @throws UnsupportedError where the file does not tell the type and shape of an output
 */
export function keptForward(
  call: NodeCall,
  described: (name: string) => ValueDescription | undefined,
): (Tensor | undefined)[] {
  const { node, opset } = call;
  const { opType, domain, outputs, encoded } = node;
  serials += 1;
  const serial = serials;
  const given = node.inputs.map((_, i) => call.optional(i));
  const elementTypes = given.map((t, i) => (t ? (call.elementType(i) ?? plainTypes[t.dtype]) : 0));
  return outputs.map((name, output) => {
    if (name === "") return undefined;
    const value = described(name);
    if (!value?.shape || value.elementType === 0)
      return call.refuse(`the file does not tell the type and shape of ${name}, so the node cannot be kept`);
    const shape = value.shape.map(
      (d, axis): Dimension => (typeof d === "number" ? d : dimensionName(d ?? `${name}_${axis}`)),
    );
    const dtype = call.importer.elementType(value.elementType, call.label);
    return apply(
      forwardOnlyOp,
      given.filter((t) => t !== undefined),
      {
        label: call.label,
        serial,
        opType,
        domain,
        version: opset,
        output,
        outputs: outputs.length,
        elementTypes,
        encoded: () => encoded,
        dtype,
        shape,
      },
    );
  });
}
