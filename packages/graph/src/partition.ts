import { dependents, usedBy } from "./dependence.ts";
import { broadcastToOp } from "./ops/broadcast.ts";
import { reshapeOp } from "./ops/shape.ts";
import { simplify } from "./simplify.ts";
import { substitute } from "./substitute.ts";
import { constantOp, input, type Op, type Tensor } from "./tensor.ts";
import { claimNames, type NamedTensor, type TracedProgram } from "./trace.ts";
import type { Structure } from "./tree.ts";

/** A program in two parts: the second takes the varying inputs and, as `kept`, the results of the first. */
export interface StagedPrograms {
  readonly preparation: TracedProgram;
  readonly application: TracedProgram;
}

/** Operations that cost no more than passing on their result. */
const free: ReadonlySet<Op> = new Set<Op>([constantOp, reshapeOp, broadcastToOp]);

/** Tensors that depend on no varying input but are results or are used by tensors that do. */
function frontierOf(outputs: readonly Tensor[], varying: readonly Tensor[]): Tensor[] {
  const nodes = dependents(outputs, varying);
  const known = new Set([...varying, ...nodes]);
  const frontier = new Set<Tensor>();
  const need = (tensor: Tensor): void => {
    if (known.has(tensor)) return;
    known.add(tensor);
    if (free.has(tensor.op)) usedBy(tensor).forEach(need);
    else frontier.add(tensor);
  };
  for (const node of nodes) usedBy(node).forEach(need);
  outputs.forEach(need);
  return [...frontier];
}

/** One tensor for each named dimension that the tensors of `from` have and those of `given` do not. */
function dimensionsMissing(from: readonly Tensor[], given: readonly Tensor[]): Tensor[] {
  const names = (tensors: readonly Tensor[]) =>
    tensors.flatMap(({ shape }) => shape.filter((dimension) => typeof dimension === "string"));
  const known = new Set(names(given));
  return from.filter((tensor) => {
    const missing = names([tensor]).filter((name) => !known.has(name));
    for (const name of missing) known.add(name);
    return missing.length > 0;
  });
}

/**
 * Splits a traced function of `{ fixed, varying }`: everything that does not depend on the varying inputs goes into the
 * first program, which passes what the second one uses.
 */
export function partition({
  inputs,
  inputStructure,
  outputs,
  outputStructure,
}: TracedProgram): StagedPrograms {
  if (inputStructure.kind !== "object")
    throw new TypeError("partition: expected a function of { fixed, varying }");
  const { fixed, varying } = Object.fromEntries(inputStructure.entries);
  const count = countLeaves(fixed);
  const [fixedInputs, varyingInputs] = [inputs.slice(0, count), inputs.slice(count)];
  const tensorsOf = (named: readonly NamedTensor[]) => named.map(({ tensor }) => tensor);

  const results = tensorsOf(outputs);
  const frontier = frontierOf(results, tensorsOf(varyingInputs));
  // A run of the second program reads the sizes of named dimensions from its own inputs, which must agree with the
  // first.
  const kept = [...frontier, ...dimensionsMissing(tensorsOf(fixedInputs), frontier)];
  const taken = new Set([...inputs, ...outputs].map(({ name }) => name));
  const names = claimNames(
    kept.map((_, i) => `kept.${i}`),
    "stage",
    taken,
  );
  const received = kept.map((tensor, i) => input(names[i], tensor));
  const rest = substitute(results, new Map(kept.map((tensor, i) => [tensor, received[i]])));
  const named = (tensors: readonly Tensor[]) => tensors.map((tensor, i) => ({ name: names[i], tensor }));
  const list: Structure = { kind: "array", items: kept.map(() => ({ kind: "leaf" })) };
  return {
    preparation: {
      inputs: fixedInputs,
      inputStructure: { kind: "object", entries: [["fixed", fixed]] },
      outputs: named(simplify(kept)),
      outputStructure: list,
    },
    application: {
      inputs: [...named(received), ...varyingInputs],
      inputStructure: {
        kind: "object",
        entries: [
          ["kept", list],
          ["varying", varying],
        ],
      },
      outputs: simplify(rest).map((tensor, i) => ({ name: outputs[i].name, tensor })),
      outputStructure,
    },
  };
}

function countLeaves(structure: Structure): number {
  if (structure.kind === "leaf") return 1;
  const below = structure.kind === "array" ? structure.items : structure.entries.map(([, s]) => s);
  return below.reduce((count, s) => count + countLeaves(s), 0);
}
