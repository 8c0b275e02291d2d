import type { OnnxGraph } from "@gradus/graph";
import type { ModelLossName } from "gradus/models";

/** Operators that leave numbers what they are, such as probabilities. */
const KEEPING = /^(?:Identity|Cast|Reshape|Flatten|Squeeze|Unsqueeze|Transpose|ai\.onnx\.ml\.ZipMap)$/;

const ENDS: Readonly<Record<string, ModelLossName>> = {
  Softmax: "cross-entropy",
  LogSoftmax: "cross-entropy",
  Sigmoid: "binary-cross-entropy",
  Tanh: "squared",
};

/** The loss that goes with an output of a model, the first of floats by default: by the function that ends it, else of classes, or of numbers. */
export function likelyLoss(
  { nodes, outputs }: Pick<OnnxGraph, "nodes" | "outputs">,
  name?: string,
): ModelLossName {
  const output =
    outputs.find((one) => one.name === name) ?? outputs.find(({ floating }) => floating) ?? outputs[0];
  const maker = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  let end = output && maker.get(output.name);
  while (end && KEEPING.test(end.operator)) end = maker.get(end.inputs[0]);
  const own = end && Object.hasOwn(ENDS, end.operator) ? ENDS[end.operator] : undefined;
  if (own) return own;
  const { shape } = output ?? {};
  const last = shape?.at(-1);
  // Pictures are numbers, words of a text are classes.
  return typeof last === "number" && last > 1 && (shape?.length ?? 0) < 4 ? "cross-entropy" : "squared";
}
