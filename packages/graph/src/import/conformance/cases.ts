// ONNX's own test data, as Debian's package libonnx-testdata installs them.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type DataArray, type DType, dtypeOf } from "../../dtype.ts";
import { decodeTensor, readTensor, type StoredTensor } from "../read-tensor.ts";

const testData = "/usr/share/libonnx-testdata/data";
export const hasTestData = existsSync(join(testData, "node"));

const folders = ["node", "simple", "pytorch-converted", "pytorch-operator"] as const;

/** A tensor of a case: as the file holds it, and decoded. */
export interface CaseTensor {
  readonly stored: StoredTensor;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: DataArray;
}

/** Inputs and the outputs that a model should have for them. */
export interface CaseRun {
  readonly inputs: readonly CaseTensor[];
  readonly outputs: readonly CaseTensor[];
}

export interface Case {
  /** Such as `node/test_add`. */
  readonly name: string;
  readonly model: Uint8Array;
  /** Undefined where an input or output is no tensor of numbers or booleans. */
  readonly runs: readonly CaseRun[] | undefined;
}

function tensors(folder: string, kind: "input" | "output"): CaseTensor[] {
  const number = (name: string) => Number(name.match(/\d+/)?.[0]);
  const files = readdirSync(folder).filter((name) => name.startsWith(kind));
  return files
    .sort((a, b) => number(a) - number(b))
    .map((name) => {
      const stored = readTensor(readFileSync(join(folder, name)));
      const data = decodeTensor(name, stored, {});
      return { stored, dtype: dtypeOf(data), shape: stored.shape, data };
    });
}

function runsOf(folder: string): CaseRun[] | undefined {
  const sets = readdirSync(folder).filter((name) => name.startsWith("test_data_set"));
  try {
    return sets.map((set) => ({
      inputs: tensors(join(folder, set), "input"),
      outputs: tensors(join(folder, set), "output"),
    }));
  } catch {
    return undefined;
  }
}

/** All cases, in the order of their names. */
export function* cases(): Generator<Case> {
  for (const folder of folders)
    for (const name of readdirSync(join(testData, folder)).sort()) {
      const file = join(testData, folder, name, "model.onnx");
      if (!existsSync(file)) continue;
      yield {
        name: `${folder}/${name}`,
        model: readFileSync(file),
        runs: runsOf(join(testData, folder, name)),
      };
    }
}

/** The tolerances of ONNX Runtime's own comparison. */
export function agrees(
  got: { readonly shape: readonly number[]; readonly data: ArrayLike<number | bigint | boolean> },
  wanted: CaseTensor,
): boolean {
  if (got.shape.join() !== wanted.shape.join()) return false;
  return wanted.data.every((value: number | bigint, i: number) => {
    const [a, b] = [Number(got.data[i]), Number(value)];
    return Object.is(a, b) || a === b || Math.abs(a - b) <= 1e-5 + 1e-3 * Math.abs(b);
  });
}
