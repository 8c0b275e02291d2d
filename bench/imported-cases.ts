import type { Case } from "./cases.ts";
import { importedSizes } from "./imported-sizes.ts";

const { residual, transformer, large } = importedSizes;
const SINGLE = 2e-4;

const tuning = (id: "residual" | "transformer", title: string): Case => ({
  id: `imported-${id}`,
  title: `ONNX file of PyTorch, ${title}: a training step, a call a step`,
  unit: "step",
  contenders: [
    { peer: "gradus", program: `imported-${id}`, label: "gradus, imported" },
    { peer: "gradus", program: `imported-${id}-written`, label: "gradus, written by hand" },
    { peer: "gradus-wasm", program: `imported-${id}`, label: "gradus, WASM" },
    { peer: "pytorch", program: `imported-${id}`, label: "PyTorch" },
  ],
  budgets: [
    { against: "gradus, written by hand", atMost: 1.05 },
    { against: "PyTorch", atMost: 1.1 },
  ],
  tolerance: SINGLE,
});

/** Fine-tuning of models that PyTorch exported, and reading a large one. */
export const importedCases: readonly Case[] = [
  tuning(
    "residual",
    `three residual blocks on ${residual.side} x ${residual.side} images, batch ${residual.batch}`,
  ),
  tuning(
    "transformer",
    `${transformer.layers} encoder layers of width ${transformer.width} on sequences of ${transformer.length}, batch ${transformer.batch}`,
  ),
  {
    id: "imported-large",
    title: `Import of an ONNX file of ${Math.round((4 * large.layers * large.width ** 2) / 2 ** 20)} MB, traced and written again`,
    unit: "import",
    contenders: [{ peer: "gradus", program: "imported-large", label: "gradus" }],
    budgets: [],
    tolerance: SINGLE,
  },
];
