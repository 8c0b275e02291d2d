import { GraphError, runtimeVersion } from "@gradus/graph";
import manifest from "../../package.json" with { type: "json" };

/** The version and the build of ONNX Runtime on which experiments run; empty where there is none. */
async function onnxRuntimeVersion(): Promise<string> {
  try {
    return await runtimeVersion();
  } catch (error) {
    // Experiments that need no runtime run all the same.
    if (error instanceof GraphError) return "";
    throw error;
  }
}

/** What a measurement may depend on beside its parameters. */
export async function versions(): Promise<Readonly<Record<string, string>>> {
  const onnx = await onnxRuntimeVersion();
  return {
    gradus: manifest.version,
    Node: process.versions.node,
    ...(onnx === "" ? {} : { "ONNX Runtime": onnx }),
  };
}
