import { toNumbers } from "../../arrays.ts";
import { areEqual } from "../../dimension-polynomials.ts";
import { isFloat } from "../../dtype.ts";
import { div, sub } from "../../ops/arithmetic.ts";
import { and, less, lessEqual } from "../../ops/compare.ts";
import { matmul } from "../../ops/matmul.ts";
import { range } from "../../ops/range.ts";
import { max } from "../../ops/reduce.ts";
import { cast, where } from "../../ops/select.ts";
import { expandDims, reshape } from "../../ops/shape.ts";
import type { Tensor } from "../../tensor.ts";
import type { GraphDescription, NodeDescription } from "../model-description.ts";
import type { NodeCall } from "../node-call.ts";
import { constantFrom, dimensionsOf, knownOf, tensorOf, type Value } from "../values.ts";

/** What makes bags of consecutive rows: the body of a loop over [start, end) as PyTorch's exporter writes EmbeddingBag. */
interface Bags {
  readonly reduce: NodeDescription;
  /** Cuts of the entries of one bag, all with the same bounds. */
  readonly cuts: ReadonlySet<NodeDescription>;
  readonly start: string;
  readonly end: string;
}

const reductions: ReadonlySet<string> = new Set(["ReduceSum", "ReduceMean", "ReduceMax"]);
/** Operators that make each row from the entry at its place alone. */
const rowwise: ReadonlySet<string> = new Set(["Cast", "Constant", "Gather", "Identity", "Mul", "Unsqueeze"]);
/** Operators that make a bound from the number of the iteration. */
const ofIteration: ReadonlySet<string> = new Set(["Cast", "Constant", "Gather", "Identity", "Unsqueeze"]);

function bagsIn(body: GraphDescription): Bags | undefined {
  const makers = new Map(body.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const given = new Set(body.inputs.map(({ name }) => name));
  const reduce = makers.get(body.outputs[1].name);
  if (!reduce || !reductions.has(reduce.opType) || reduce.attributes.get("keepdims")?.int !== 0)
    return undefined;
  const cuts = new Set<NodeDescription>();
  const areRows = (name: string): boolean => {
    const node = makers.get(name);
    if (!node) return !given.has(name);
    if (node.opType === "Slice") {
      cuts.add(node);
      return !makers.has(node.inputs[0]);
    }
    if (
      node.opType === "Gather" &&
      ((node.attributes.get("axis")?.int ?? 0) !== 0 || makers.has(node.inputs[0]))
    )
      return false;
    return rowwise.has(node.opType) && node.inputs.every(areRows);
  };
  const isBound = (name: string): boolean => {
    const node = makers.get(name);
    return !node || (ofIteration.has(node.opType) && node.inputs.every(isBound));
  };
  if (!areRows(reduce.inputs[0]) || cuts.size === 0) return undefined;
  const [[, start, end]] = [...cuts].map(({ inputs }) => inputs);
  const alike = [...cuts].every(
    ({ inputs }) => inputs[1] === start && inputs[2] === end && inputs.length <= 4,
  );
  return alike && isBound(start) && isBound(end) ? { reduce, cuts, start, end } : undefined;
}

/**
 * The sums, means or largest entries of bags of rows, for any number of bags and rows; undefined for a loop that
 * computes something else. Each row is compared with the bounds of each bag.
 */
export function bagged(call: NodeCall): Tensor | undefined {
  const body = call.graph("body");
  const trips = dimensionsOf(call.value(0));
  if (body.inputs.length !== 2 || body.outputs.length !== 2 || trips?.length !== 1) return undefined;
  const bags = bagsIn(body);
  if (!bags) return undefined;
  const { reduce, cuts, start, end } = bags;
  const iterations = range(trips[0]);
  const valuesOf = (graph: GraphDescription, ...names: readonly string[]): Value[] =>
    call.importer.body(
      { ...graph, outputs: names.map((name) => ({ name, elementType: 0, shape: undefined })) },
      [iterations, call.values[1] ?? constantFrom("bool", [1], [])],
    );
  const numbersOf = (name: string) => {
    const known = knownOf(valuesOf(body, name)[0]);
    return known && toNumbers(known).join();
  };
  const axes =
    reduce.attributes.get("axes")?.ints.join() ?? (reduce.inputs[1] && numbersOf(reduce.inputs[1]));
  const first = [...cuts].every(({ inputs: [, , , along] }) => !along || numbersOf(along) === "0");
  if (axes !== "0" || !first || numbersOf(body.outputs[0].name) !== "1") return undefined;
  const whole = body.nodes.map((node) =>
    cuts.has(node) ? { ...node, opType: "Identity", inputs: node.inputs.slice(0, 1) } : node,
  );
  const [rows] = valuesOf({ ...body, nodes: whole }, reduce.inputs[0]).map(tensorOf);
  const [entries] = valuesOf(body, ...[...cuts].map(({ inputs }) => inputs[0])).map(tensorOf);
  const [count] = entries.shape;
  if (rows.shape.length !== 2 || !isFloat(rows.dtype) || areEqual(rows.shape[0], count) !== true)
    return undefined;
  const [starts, ends] = valuesOf(body, start, end).map((bound) => reshape(tensorOf(bound), [trips[0], 1]));
  const places = reshape(range(count), [1, count]);
  const inside = and(lessEqual(starts, places), less(places, ends));
  if (reduce.opType === "ReduceMax")
    return max(where(expandDims(inside, 2), expandDims(rows, 0), Number.NEGATIVE_INFINITY), { axes: 1 });
  const sums = matmul(cast(inside, rows.dtype), rows);
  return reduce.opType === "ReduceSum" ? sums : div(sums, cast(sub(ends, starts), rows.dtype));
}
