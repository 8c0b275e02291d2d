import { GraphError, IndexError, ShapeError } from "../errors.ts";

/** This package's operations by ONNX's names of those that look at values. */
const operations: Readonly<Record<string, string>> = {
  ArgMax: "argMax",
  Div: "div",
  Gather: "gather",
  GatherElements: "takeAlong",
  Mod: "remainder",
  ScatterElements: "scatterAddAlong",
  ScatterND: "scatterAdd",
  TopK: "topK",
};

/** ONNX Runtime's words for a failed run as a typed error in this package's words; it is the error's cause. */
export function runFailure(cause: unknown): GraphError {
  const message = cause instanceof Error ? cause.message : String(cause);
  // A failure inside a loop names the loop first.
  const node = [...message.matchAll(/while running (\w+) node/g)].at(-1)?.[1] ?? "";
  const operation = operations[node] ?? (/gather_elements/.test(message) ? "takeAlong" : node);
  const prefix = operation === "" ? "" : `${operation}: `;
  const bounds = /idx=(-?\d+) must be within the inclusive range \[(-?\d+),(-?\d+)\]/.exec(message);
  if (bounds) {
    const [, index, first, last] = bounds;
    return new IndexError(
      Number(last) < 0
        ? `${prefix}cannot index an axis of size 0, got ${index}`
        : `${prefix}indices must be from ${first} to ${last}, got ${index}`,
      { cause },
    );
  }
  const [, index] = /invalid indice found, indice = (-?\d+)/.exec(message) ?? [];
  if (index !== undefined) return new IndexError(`${prefix}index out of range, got ${index}`, { cause });
  if (/out of range/i.test(message)) return new IndexError(`${prefix}an index is out of range`, { cause });
  const [, count, size] = /k argument \[(\d+)\] .* axis dim value \[(\d+)\]/.exec(message) ?? [];
  if (count !== undefined)
    return new ShapeError(`${prefix}count must be at most the size of the axis, ${size}, got ${count}`, {
      cause,
    });
  if (/Integer (division|modulo) by zero/.test(message))
    return new GraphError(`${prefix}integer division by zero`, { cause });
  return new GraphError(`ONNX Runtime failed to run the program: ${message}`, { cause });
}
