import type { ImportedModel } from "@gradus/graph";
import type { ArrayPlace } from "../curvature/model/parameter-groups.ts";

/** What PyTorch calls a tensor that it has changed while exporting, such as the transposed weights of a linear layer. */
const RENAMED = /^onnx::/;

/**
 * The modules of a parameter that has lost its own name in an export from PyTorch: `onnx::MatMul_280`, which the node
 * `/encoder/linear1/MatMul` reads, is in `encoder.linear1`.
 */
export function parameterModules(model: Pick<ImportedModel, "uses">, name: string): string[] {
  return RENAMED.test(name) ? readingModules(model, name) : [];
}

/** The modules whose nodes read a parameter, in a file from PyTorch. */
function readingModules({ uses }: Pick<ImportedModel, "uses">, name: string): string[] {
  const paths = (uses[name] ?? []).flatMap(({ node }) => /^\/(.+)\/[^/]+$/.exec(node)?.[1] ?? []);
  return [...new Set(paths.map(moduleOf))];
}

/**
 * The modules that share a parameter in a file from PyTorch, of which none is inside another, as those of tied weights
 * do; empty where it has one.
 */
export function sharingModules(model: Pick<ImportedModel, "uses">, name: string): string[] {
  const modules = readingModules(model, name);
  const apart = modules.filter((one) => !modules.some((other) => one.startsWith(`${other}.`)));
  return apart.length > 1 ? apart : [];
}

/** The module of a node's path, in which entries of lists have the list's name too: `encoder/encoder.0`. */
function moduleOf(path: string): string {
  const parts = path.split("/");
  return parts.filter((part, i) => !parts[i + 1]?.startsWith(`${part}.`)).join(".");
}

/** The places of a model's parameters in a vector, so that `parameterGroups` has renamed ones in their modules. */
export function moduleSlots(
  model: Pick<ImportedModel, "uses">,
  slots: readonly ArrayPlace[],
): readonly ArrayPlace[] {
  return slots.map((slot) => {
    const [module] = parameterModules(model, slot.path);
    return module === undefined ? slot : { ...slot, path: `${module}.${slot.path}` };
  });
}
