import { nodesOf } from "./model-values.ts";
import { readModel } from "./read-model.ts";
import type { StoredTensor } from "./read-tensor.ts";

/**
 * The names of the files that hold tensors outside an ONNX file, as it gives them: relative to its folder. They are the
 * keys of the option `external` of `importOnnx`; whoever reads them must see that none leaves the folder.
 *
 * @throws UnsupportedError when the bytes are not an ONNX model
 */
export function externalFiles(model: Uint8Array): string[] {
  const description = readModel(model);
  const names = new Set<string>();
  const add = ({ external }: StoredTensor) => {
    const location = external?.get("location");
    if (location !== undefined) names.add(location);
  };
  description.graph.initializers.forEach(add);
  for (const { attributes } of nodesOf(description))
    for (const { tensor, graph } of attributes.values()) {
      if (tensor) add(tensor);
      graph?.initializers.forEach(add);
    }
  return [...names];
}
