import { readFileSync } from "node:fs";
import type { ImportedName } from "./imported-inputs.ts";

/** A model as PyTorch exported it, with its weights left out. */
export const exportedModel = (name: ImportedName): Uint8Array =>
  readFileSync(new URL(`./models/${name}.onnx`, import.meta.url));
