import { expect, test } from "vitest";
import { importOnnx } from "./import-onnx.ts";
import { graphBytes, modelBytes, nodeBytes } from "./model-bytes.ts";

test.each([
  [
    "RandomNormalLike",
    "",
    "RandomNormalLike (y): random numbers are drawn at each run; export the model with them",
  ],
  ["SVMClassifier", "ai.onnx.ml", "ai.onnx.ml.SVMClassifier (y): pairs of classes vote"],
  ["Inverse", "com.microsoft", "operators that are not supported: com.microsoft.Inverse (y)"],
])("%s is refused with the reason, where there is one", (opType, domain, message) => {
  const file = modelBytes(
    graphBytes({
      nodes: [nodeBytes(opType, ["x"], ["y"], {}, domain)],
      inputs: [["x", 1, [2, 2]]],
      outputs: [["y", 1, [2, 2]]],
    }),
    17,
    domain === "" ? [] : [domain],
  );
  expect(() => importOnnx(file)).toThrow(message);
});
