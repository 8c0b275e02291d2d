import { expect, test } from "vitest";
import { onnxRuntime } from "./onnxruntime.ts";

/** A runtime that cannot load anything. */
function failing(message: string) {
  const create = () => Promise.reject(new Error(message));
  const ort = { InferenceSession: { create }, Tensor: undefined };
  return onnxRuntime("failing", {}, async () => ({ ort: ort as never, options: {} }));
}

test("WebAssembly that was not fetched is told from a program that is refused", async () => {
  const fetched =
    "no available backend found. ERR: [wasm] RuntimeError: Aborted(both async and sync fetching of the wasm failed)";
  const missing = failing(fetched).load(new Uint8Array(0), {});
  await expect(missing).rejects.toThrow(
    `ONNX Runtime needs ort-wasm-simd-threaded.wasm beside the bundle: ${fetched}`,
  );
  const refused = failing("protobuf parsing failed").load(new Uint8Array(0), {});
  await expect(refused).rejects.toThrow("ONNX Runtime rejected the program: protobuf parsing failed");
});
