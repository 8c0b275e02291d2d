import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import manifest from "../../package.json" with { type: "json" };

/** The version of ONNX Runtime that the engine runs on; empty when it is not installed. */
async function onnxRuntimeVersion(): Promise<string> {
  try {
    const fromEngine = createRequire(import.meta.resolve("@gradus/papers"));
    const file = fromEngine.resolve("onnxruntime-node/package.json");
    const { version }: { version?: unknown } = JSON.parse(await readFile(file, "utf8"));
    return typeof version === "string" ? version : "";
  } catch {
    return "";
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
