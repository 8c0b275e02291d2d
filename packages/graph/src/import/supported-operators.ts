import { UnsupportedError } from "../errors.ts";
import { canBeKept } from "./forward-only.ts";
import type { ModelDescription, NodeDescription } from "./model-description.ts";
import { nodesOf } from "./model-values.ts";
import { operatorOf } from "./operators/index.ts";

/** The name of a node's operator, with its domain unless that is the standard one. */
export function operatorName({ opType, domain }: Pick<NodeDescription, "opType" | "domain">): string {
  return domain === "" ? opType : `${domain}.${opType}`;
}

/** The nodes of a model whose operators are neither supported nor functions of the model. */
export function unsupportedNodes(model: ModelDescription): Set<NodeDescription> {
  const own = new Set(model.functions.map(({ domain, name }) => operatorName({ domain, opType: name })));
  const found = new Set<NodeDescription>();
  for (const node of nodesOf(model))
    if (!own.has(operatorName(node)) && !operatorOf(node.domain, node.opType)) found.add(node);
  return found;
}

const onlyRuns = "loadOnnx runs the file, and explanations without gradients work";

const trees = `decision trees are piecewise constant, so that there is nothing to differentiate or train; ${onlyRuns}`;

const random = "random numbers are drawn at each run; export the model with them as an input";

/** Why operators that people meet are not supported. */
const reasons: Readonly<Record<string, string>> = {
  Bernoulli: random,
  Multinomial: random,
  RandomNormal: random,
  RandomNormalLike: random,
  RandomUniform: random,
  RandomUniformLike: random,
  "ai.onnx.ml.SVMClassifier": `pairs of classes vote, which has no derivatives; ${onlyRuns}`,
  "ai.onnx.ml.TreeEnsemble": trees,
  "ai.onnx.ml.TreeEnsembleClassifier": trees,
  "ai.onnx.ml.TreeEnsembleRegressor": trees,
};

/**
 * The nodes that are kept for their values only.
 *
 * @throws UnsupportedError listing all operators that are not supported, with the nodes that use them
 */
export function checkOperators(model: ModelDescription, keepForward: boolean): NodeDescription[] {
  const unknown = new Map<string, string[]>();
  const kept: NodeDescription[] = [];
  for (const node of unsupportedNodes(model)) {
    if (keepForward && canBeKept(node, model.opsets.get(node.domain) ?? 1)) {
      kept.push(node);
      continue;
    }
    const key = operatorName(node);
    unknown.set(key, [...(unknown.get(key) ?? []), node.name || node.outputs[0] || "unnamed"]);
  }
  if (unknown.size === 0) return kept;
  const list = [...unknown].map(
    ([key, names]) => `${key} (${names.join(", ")})${Object.hasOwn(reasons, key) ? `: ${reasons[key]}` : ""}`,
  );
  throw new UnsupportedError(`importOnnx: operators that are not supported: ${list.join("; ")}`);
}
