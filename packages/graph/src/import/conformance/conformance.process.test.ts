import { InferenceSession, Tensor as RuntimeTensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { array } from "../../arrays.ts";
import { compile } from "../../compile.ts";
import { isFloat } from "../../dtype.ts";
import { constant, type Tensor } from "../../tensor.ts";
import { type ImportOptions, importOnnx } from "../import-onnx.ts";
import { agrees, type Case, type CaseRun, type CaseTensor, cases, hasTestData } from "./cases.ts";
import { counts, keptForward, notImported } from "./not-imported.ts";

/** What ONNX Runtime calls the element types, and how it holds them. */
const runtimeTensors: Readonly<
  Record<number, (values: readonly (number | bigint)[], shape: readonly number[]) => RuntimeTensor>
> = {
  1: (values, shape) => new RuntimeTensor("float32", Float32Array.from(values, Number), shape),
  2: (values, shape) => new RuntimeTensor("uint8", Uint8Array.from(values, Number), shape),
  3: (values, shape) => new RuntimeTensor("int8", Int8Array.from(values, Number), shape),
  4: (values, shape) => new RuntimeTensor("uint16", Uint16Array.from(values, Number), shape),
  5: (values, shape) => new RuntimeTensor("int16", Int16Array.from(values, Number), shape),
  6: (values, shape) => new RuntimeTensor("int32", Int32Array.from(values, Number), shape),
  7: (values, shape) => new RuntimeTensor("int64", BigInt64Array.from(values, BigInt), shape),
  9: (values, shape) => new RuntimeTensor("bool", Uint8Array.from(values, Number), shape),
  11: (values, shape) => new RuntimeTensor("float64", Float64Array.from(values, Number), shape),
  12: (values, shape) => new RuntimeTensor("uint32", Uint32Array.from(values, Number), shape),
  13: (values, shape) => new RuntimeTensor("uint64", BigUint64Array.from(values, BigInt), shape),
};

function runtimeTensor({ stored, shape, data }: CaseTensor): RuntimeTensor {
  const values: (number | bigint)[] = [];
  for (const value of data) values.push(value);
  return runtimeTensors[stored.elementType](values, shape);
}

/** Whether ONNX Runtime's CPU build itself runs the file with the expected results. */
async function runtimePasses(model: Uint8Array, runs: readonly CaseRun[]): Promise<boolean> {
  try {
    const session = await InferenceSession.create(model, { logSeverityLevel: 4 });
    for (const { inputs, outputs } of runs) {
      const feeds = Object.fromEntries(session.inputNames.map((name, i) => [name, runtimeTensor(inputs[i])]));
      const results = await session.run(feeds);
      const all = session.outputNames.every((name, i) => {
        const { dims, data } = results[name];
        return i >= outputs.length || agrees({ shape: dims, data: data as ArrayLike<number> }, outputs[i]);
      });
      if (!all) return false;
    }
    await session.release();
    return true;
  } catch {
    return false;
  }
}

/** Imports, exports again and runs; integers and short vectors are known, as a user has them who fixes the sizes. */
async function importPasses(
  { model }: Case,
  runs: readonly CaseRun[],
  options: ImportOptions = {},
): Promise<boolean> {
  const imported = importOnnx(model, options);
  for (const { inputs, outputs } of runs) {
    const named = imported.inputs.map(({ name }, i) => [name, inputs[i]] as const);
    const specs = Object.fromEntries(named.map(([name, { dtype, shape }]) => [name, { dtype, shape }]));
    const isKnown = ({ dtype, shape }: CaseTensor) =>
      !isFloat(dtype) || shape.length === 0 || (shape.length === 1 && shape[0] < 64);
    await using program = await compile((tensors: Readonly<Record<string, Tensor>>) => {
      const given = named.map(([name, value]) => [
        name,
        isKnown(value) ? constant(value.data, value.shape) : tensors[name],
      ]);
      return imported.apply(Object.fromEntries(given));
    }, specs);
    const results = await program.run(
      Object.fromEntries(named.map(([name, { data, shape }]) => [name, array(data, shape)])),
    );
    if (!imported.outputs.every((name, i) => i >= outputs.length || agrees(results[name], outputs[i])))
      return false;
  }
  return true;
}

/** Numbers of 16 bits are computed in 32, so ONNX Runtime is not the measure for them; those of 4 bits it cannot give. */
const unmeasured: ReadonlySet<number> = new Set([10, 16, 21, 22]);

const isMeasured = (runs: readonly CaseRun[]) =>
  runs.every(({ inputs, outputs }) =>
    [...inputs, ...outputs].every(({ stored }) => !unmeasured.has(stored.elementType)),
  );

test.skipIf(!hasTestData)(
  "ONNX's test cases pass through import and export, all but those named (skipped without libonnx-testdata)",
  { timeout: 600_000 },
  async () => {
    const passed: string[] = [];
    const forward: string[] = [];
    const failed: string[] = [];
    for (const each of cases()) {
      if (!each.runs || !isMeasured(each.runs) || !(await runtimePasses(each.model, each.runs))) continue;
      const passes = await importPasses(each, each.runs).catch(() => false);
      const kept = !passes && (await importPasses(each, each.runs, { keepForward: true }).catch(() => false));
      (passes ? passed : kept ? forward : failed).push(each.name);
    }
    const named = (list: typeof notImported) => Object.values(list).flatMap(({ cases: names }) => names);
    expect(forward.sort()).toEqual(named(keptForward).sort());
    expect(failed.sort()).toEqual(named(notImported).sort());
    expect({ passed: passed.length, forward: forward.length, failed: failed.length }).toEqual(counts);
  },
);
