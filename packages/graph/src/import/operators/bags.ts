import { toNumbers } from "../../arrays.ts";
import { areEqual, sumOf } from "../../dimension-polynomials.ts";
import { isFloat } from "../../dtype.ts";
import { scan } from "../../loop.ts";
import { div, maximum, sub } from "../../ops/arithmetic.ts";
import { broadcastTo } from "../../ops/broadcast.ts";
import { and, equal, less, lessEqual } from "../../ops/compare.ts";
import { concat } from "../../ops/concat.ts";
import { cumSum } from "../../ops/cumulative.ts";
import { type CutAttributes, cutBetween, cutOp } from "../../ops/cut.ts";
import { gather, scatterAdd } from "../../ops/indexing.ts";
import { matmul } from "../../ops/matmul.ts";
import { range } from "../../ops/range.ts";
import { max } from "../../ops/reduce.ts";
import { cast, where } from "../../ops/select.ts";
import { expandDims, reshape, size } from "../../ops/shape.ts";
import { type SliceAttributes, sliceOp } from "../../ops/slice.ts";
import { scalar, type Tensor } from "../../tensor.ts";
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
  /** The lists whose entries at the number of the iteration are the bounds, if the bounds are such entries. */
  readonly lists: readonly [starts: string, ends: string] | undefined;
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
  if (!alike || !isBound(start) || !isBound(end)) return undefined;
  const listOf = (name: string): string | undefined => {
    const node = makers.get(name);
    if (!node) return undefined;
    if (node.opType !== "Gather") return listOf(node.inputs[0]);
    const [list, index] = node.inputs;
    const plain = !makers.has(list) && index === body.inputs[0].name && !node.attributes.get("axis")?.int;
    return plain ? list : undefined;
  };
  const [starts, ends] = [listOf(start), listOf(end)];
  return { reduce, cuts, start, end, lists: starts && ends ? [starts, ends] : undefined };
}

/** Whether the ends of bags are the starts of the next, so that a row is in one bag at most. */
function areConsecutive(starts: Tensor, ends: Tensor): boolean {
  if (ends.inputs[0] !== starts || starts.shape.length !== 1) return false;
  // A list of a named length is cut, one of a known length sliced.
  if (ends.op === cutOp) return (ends.attributes as CutAttributes).start === 1;
  if (ends.op !== sliceOp) return false;
  const { starts: first, steps } = ends.attributes as SliceAttributes;
  return first[0] === 1 && steps[0] === 1;
}

/** The bounds of consecutive bags, and of each row the number of its bag. */
function placesOf(rows: Tensor, starts: Tensor, ends: Tensor) {
  const [count] = rows.shape;
  const [bags] = starts.shape;
  const [first, last] = [starts, ends].map((bound) => reshape(bound, [bags]));
  // As many bags have begun at a place as their starts up to it; the last of these has the row, others are empty.
  const begun = cumSum(scatterAdd([sumOf(count, 1)], first, broadcastTo(scalar(1, "i64"), [bags])));
  const own = maximum(sub(cutBetween(begun, 0, 0, count), 1), 0);
  return { first, last, own, places: range(count) };
}

/** The sums of the rows of consecutive bags, [bags, width], each row added to its own. */
function sumsOf(rows: Tensor, starts: Tensor, ends: Tensor): Tensor {
  const { first, last, own, places } = placesOf(rows, starts, ends);
  const inside = and(lessEqual(gather(first, own), places), less(places, gather(last, own)));
  const kept = where(expandDims(inside, 1), rows, scalar(0, rows.dtype));
  return scatterAdd([starts.shape[0], rows.shape[1]], own, kept);
}

/** The largest entries of the rows of consecutive bags, [bags, width], row by row; those of no rows are -infinity. */
function largestOf(rows: Tensor, starts: Tensor, ends: Tensor): Tensor {
  const [count, width] = rows.shape;
  const { first, last, own, places } = placesOf(rows, starts, ends);
  const none = broadcastTo(scalar(Number.NEGATIVE_INFINITY, rows.dtype), [width]);
  const begins = equal(places, gather(first, own));
  const { stacked } = scan({ row: rows, starts: begins }, none, (largest, { row, starts: fresh }) => {
    const next = where(fresh, row, maximum(largest, row));
    return { carried: next, stacked: next };
  });
  const all = concat([stacked, expandDims(none, 0)], { axis: 0 });
  return gather(all, where(less(first, last), sub(last, 1), size([count], "i64")));
}

/**
 * The sums, means or largest entries of bags of rows, for any number of bags and rows; undefined for a loop that
 * computes something else. Consecutive bags take each row once; else each row is compared with the bounds of each bag.
 */
export function bagged(call: NodeCall): Tensor | undefined {
  const body = call.graph("body");
  const trips = dimensionsOf(call.value(0));
  if (body.inputs.length !== 2 || body.outputs.length !== 2 || trips?.length !== 1) return undefined;
  const bags = bagsIn(body);
  if (!bags) return undefined;
  const { reduce, cuts, start, end, lists } = bags;
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
  const [from, to] = lists ? valuesOf(body, ...lists).map(tensorOf) : [];
  const consecutive = from && to && areConsecutive(from, to);
  if (reduce.opType === "ReduceMax")
    return consecutive
      ? largestOf(rows, starts, ends)
      : max(where(expandDims(inside, 2), expandDims(rows, 0), Number.NEGATIVE_INFINITY), { axes: 1 });
  const sums = consecutive ? sumsOf(rows, starts, ends) : matmul(cast(inside, rows.dtype), rows);
  return reduce.opType === "ReduceSum" ? sums : div(sums, cast(sub(ends, starts), rows.dtype));
}
