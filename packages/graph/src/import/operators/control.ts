import { repeat, scan as scanOver } from "../../loop.ts";
import { and } from "../../ops/compare.ts";
import { stack } from "../../ops/concat.ts";
import { where } from "../../ops/select.ts";
import { reshape } from "../../ops/shape.ts";
import { flip, slice } from "../../ops/slice.ts";
import { sameShape } from "../../shape.ts";
import { scalar, type Tensor } from "../../tensor.ts";
import type { NodeCall, Operator } from "../node-call.ts";
import { constantFrom, knownOf, tensorOf, type Value } from "../values.ts";
import { moveAxis } from "./axes.ts";
import { bagged } from "./bags.ts";

/** A known condition chooses a branch; otherwise both are computed and one is selected. */
const conditional: Operator = (call) => {
  const condition = call.value(0);
  const known = knownOf(condition);
  if (known) return call.importer.body(call.graph(Number(known.data[0]) ? "then_branch" : "else_branch"), []);
  const [yes, no] = ["then_branch", "else_branch"].map((name) =>
    call.importer.body(call.graph(name), []).map(tensorOf),
  );
  const on = reshape(tensorOf(condition), []);
  return yes.map((a, i) => {
    if (!sameShape(a.shape, no[i].shape) || a.dtype !== no[i].dtype)
      return call.refuse("the branches have outputs of different shapes and the condition is not known");
    return where(on, a, no[i]);
  });
};

/** Known numbers of iterations up to this are written out, so that the body may compute shapes from its iteration. */
const MOST_UNROLLED = 16;
/** The same for a loop that only its condition ends, which might otherwise be unrolled forever. */
const MOST_UNTIL_CONDITION = 1000;

const loop: Operator = (call) => {
  const body = call.graph("body");
  const bags = call.has(0) ? bagged(call) : undefined;
  if (bags) return bags;
  // A loop that only its condition ends has no number of iterations, or the largest integer.
  const trips = call.numbers(0)?.[0] ?? Number.POSITIVE_INFINITY;
  const started = call.has(1) ? knownOf(call.value(1)) : undefined;
  const initial = call.values.slice(2).map((_, i) => call.value(i + 2));
  const carriedCount = initial.length;
  const none = started && Number(started.data[0]) === 0;
  if (trips <= MOST_UNROLLED || none || !Number.isSafeInteger(trips))
    return unrolled(call, none ? 0 : trips, initial);
  const { carried, stacked } = repeat(
    trips,
    { on: call.has(1) ? reshape(call.input(1), []) : scalar(1, "bool"), state: initial.map(tensorOf) },
    ({ on, state }, iteration) => {
      const results = call.importer.body(body, [iteration, on, ...state]).map(tensorOf);
      const go = knownOf(results[0]);
      const always =
        go !== undefined && Number(go.data[0]) === 1 && (!started || Number(started.data[0]) === 1);
      const next = results.slice(1, 1 + carriedCount);
      const scans = results.slice(1 + carriedCount);
      if (!always && scans.length > 0 && results[0] !== on)
        return call.refuse("a loop that may stop early and collects results is not supported");
      return {
        carried: {
          on: always ? on : and(on, reshape(results[0], [])),
          state: always ? next : next.map((t, i) => where(on, t, state[i])),
        },
        stacked: scans,
      };
    },
  );
  return [...carried.state, ...stacked];
};

/** Iterations written out one after another, as long as the condition is known. */
function unrolled(call: NodeCall, trips: number, initial: readonly Value[]): Value[] {
  let state = [...initial];
  let on: Value = call.values[1] ?? scalar(1, "bool");
  const rows: Tensor[][] = [];
  for (let k = 0; k < trips; k++) {
    if (k === MOST_UNTIL_CONDITION)
      return call.refuse(`a loop that has not ended after ${k} iterations is not supported`);
    const results = call.importer.body(call.graph("body"), [constantFrom("i64", [k], []), on, ...state]);
    rows.push(results.slice(1 + initial.length).map(tensorOf));
    state = results.slice(1, 1 + initial.length);
    on = results[0];
    const known = knownOf(on);
    if (known && Number(known.data[0]) === 0) break;
    if (!known && k + 1 < trips)
      return call.refuse(
        "a loop that ends by a condition on the inputs is not supported: the number of its iterations must be known while the model is imported",
      );
  }
  if (rows.length === 0) {
    if (call.graph("body").outputs.length === 1 + initial.length) return state;
    // What one iteration would collect has the shape of each entry, of which there are none.
    const results = call.importer.body(call.graph("body"), [constantFrom("i64", [0], []), on, ...state]);
    const entries = results.slice(1 + initial.length).map(tensorOf);
    return [...state, ...entries.map((entry) => slice(stack([entry]), { axis: 0, end: 0 }))];
  }
  const stacked = rows[0].map((_, i) => stack(rows.map((row) => row[i])));
  return [...state, ...stacked];
}

/** A recurrence over entries along given axes. */
const scan: Operator = (call) => {
  const body = call.graph("body");
  const scans = call.int("num_scan_inputs") ?? call.refuse("attribute num_scan_inputs is missing");
  const old = call.opset < 9;
  const offset = old ? 1 : 0;
  if (old && call.has(0)) return call.refuse("lengths of sequences are not supported");
  const given = call.values.slice(offset).map((_, i) => call.input(i + offset));
  const states = given.slice(0, given.length - scans);
  const sequences = given.slice(given.length - scans);
  if (old) return batched(call, states, sequences);
  const outputs = body.outputs.length - states.length;
  const at = (name: string, i: number) => call.ints(name)?.[i] ?? 0;
  const axisOf = (axis: number, rank: number) => (axis < 0 ? axis + rank : axis);
  const xs = sequences.map((x, i) => {
    const first = moveAxis(x, axisOf(at("scan_input_axes", i), x.shape.length), 0);
    return at("scan_input_directions", i) === 1 ? flip(first, 0) : first;
  });
  const { carried, stacked } = overEntries(call, xs, states);
  return [
    ...carried,
    ...stacked.slice(0, outputs).map((y, i) => {
      const turned = at("scan_output_directions", i) === 1 ? flip(y, 0) : y;
      return moveAxis(turned, 0, axisOf(at("scan_output_axes", i), y.shape.length));
    }),
  ];
};

function overEntries(call: NodeCall, xs: readonly Tensor[], states: readonly Tensor[]) {
  return scanOver([...xs], [...states], (state: Tensor[], entries: Tensor[]) => {
    const results = call.importer.body(call.graph("body"), [...state, ...entries]).map(tensorOf);
    return { carried: results.slice(0, states.length), stacked: results.slice(states.length) };
  });
}

/** The first form of Scan: each entry of a batch has its own recurrence. */
function batched(call: NodeCall, states: readonly Tensor[], sequences: readonly Tensor[]): Tensor[] {
  const size = Number(sequences[0].shape[0]);
  const entry = (t: Tensor, i: number) => reshape(cutRow(t, i), t.shape.slice(1));
  const runs = Array.from({ length: size }, (_, i) => {
    const { carried, stacked } = overEntries(
      call,
      sequences.map((t) => entry(t, i)),
      states.map((t) => entry(t, i)),
    );
    return [...carried, ...stacked];
  });
  return runs[0].map((_, k) => stack(runs.map((run) => run[k])));
}

const cutRow = (t: Tensor, i: number) => slice(t, { start: i, end: i + 1 });

export const control: Readonly<Record<string, Operator>> = { If: conditional, Loop: loop, Scan: scan };
