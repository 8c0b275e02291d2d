import type { ArrayValue } from "@gradus/graph";
import { randomStream } from "gradus/random";
import { importedStep } from "../../gradus/imported.ts";
import { addImportedInputs, type ImportedName } from "../../imported-inputs.ts";

const files = {
  residual: new URL("../../models/residual.onnx", import.meta.url),
  transformer: new URL("../../models/transformer.onnx", import.meta.url),
} as const;

/** What was measured in a page. */
export interface PageMeasurement {
  /** Milliseconds of each step after the first. */
  readonly steps: readonly number[];
  /** Milliseconds from the bytes of the file to the end of the first step. */
  readonly first: number;
  readonly isolated: boolean;
}

const actions = {
  /** Training steps of an imported model for some seconds. */
  async measure(name: ImportedName, threads: number, seconds: number): Promise<PageMeasurement> {
    const file = new Uint8Array(await (await fetch(files[name])).arrayBuffer());
    const inputs: Record<string, ArrayValue> = {};
    addImportedInputs(
      name,
      file,
      (place, value) => {
        inputs[place] = value;
      },
      randomStream(1).split("imported"),
    );
    const begun = performance.now();
    const runner = await importedStep({ inputs, options: { threads } }, name, file);
    await runner.call();
    const first = performance.now() - begun;
    const steps: number[] = [];
    const start = performance.now();
    while (performance.now() - start < 1000 * seconds) {
      const before = performance.now();
      await runner.call();
      steps.push(performance.now() - before);
    }
    return { steps, first, isolated: globalThis.crossOriginIsolated };
  },
};

export type Actions = typeof actions;

Object.assign(globalThis, { actions });
