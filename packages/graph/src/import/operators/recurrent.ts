import { scan } from "../../loop.ts";
import { clip, elu, leakyRelu } from "../../ops/activations.ts";
import { add, div, mul, sub } from "../../ops/arithmetic.ts";
import { broadcastTo } from "../../ops/broadcast.ts";
import { greater } from "../../ops/compare.ts";
import { concat, stack } from "../../ops/concat.ts";
import { matmul, matrixTranspose } from "../../ops/matmul.ts";
import { range } from "../../ops/range.ts";
import { where } from "../../ops/select.ts";
import { expandDims, reshape, transpose } from "../../ops/shape.ts";
import { flip, slice, split } from "../../ops/slice.ts";
import { abs, relu, sigmoid, softplus, tanh } from "../../ops/unary.ts";
import { scalar, type Tensor } from "../../tensor.ts";
import type { NodeCall, Operator } from "../node-call.ts";

type Activation = (x: Tensor) => Tensor;

/** The activations of one direction, with their parameters taken from the node's lists in order. */
function activationsOf(
  call: NodeCall,
  count: number,
  direction: number,
  defaults: readonly string[],
): Activation[] {
  const names = call.texts("activations") ?? [];
  const lists = {
    alpha: call.node.attributes.get("activation_alpha")?.floats ?? [],
    beta: call.node.attributes.get("activation_beta")?.floats ?? [],
  };
  return Array.from({ length: count }, (_, i) => {
    const at = direction * count + i;
    const name = (names[at] ?? defaults[i]).toLowerCase();
    const alpha = lists.alpha[at];
    const beta = lists.beta[at];
    switch (name) {
      case "tanh":
        return tanh;
      case "sigmoid":
        return sigmoid;
      case "relu":
        return relu;
      case "softplus":
        return softplus;
      case "softsign":
        return (x: Tensor) => div(x, add(abs(x), 1));
      case "affine":
        return (x: Tensor) => add(mul(x, alpha ?? 1), beta ?? 0);
      case "leakyrelu":
        return (x: Tensor) => leakyRelu(x, { slope: alpha ?? 0.01 });
      case "elu":
        return (x: Tensor) => elu(x, { alpha: alpha ?? 1 });
      case "hardsigmoid":
        return (x: Tensor) => clip(add(mul(x, alpha ?? 0.2), beta ?? 0.5), 0, 1);
      case "scaledtanh":
        return (x: Tensor) => mul(tanh(mul(x, beta ?? 1)), alpha ?? 1);
      default:
        return call.refuse(`activation ${name} is not supported`);
    }
  });
}

/** One direction of a recurrent network. */
interface Direction {
  /** [length, batch, features], in the order in which it runs. */
  readonly x: Tensor;
  /** Inputs to gates, [gates hidden, features]. */
  readonly w: Tensor;
  /** Hidden state to gates, [gates hidden, hidden]. */
  readonly r: Tensor;
  /** Biases of both, [2 gates hidden], or undefined. */
  readonly b: Tensor | undefined;
  /** Peephole weights, [3 hidden], or undefined. */
  readonly p: Tensor | undefined;
  readonly h: Tensor;
  readonly c: Tensor;
  readonly hidden: number;
  readonly activations: readonly Activation[];
  /** 1 where a step is within the sequence, [length, batch, 1], or undefined when all are. */
  readonly active: Tensor | undefined;
}

interface State {
  readonly h: Tensor;
  readonly c: Tensor;
}

type Cell = (call: NodeCall, direction: Direction) => (state: State, input: Tensor) => State;

/** Bounds what enters an activation, where the node says so. */
function clipping(call: NodeCall): Activation {
  const bound = call.float("clip");
  return bound === undefined ? (x) => x : (x) => clip(x, -bound, bound);
}

/** h' = f(x W' + h R' + b). */
const simpleCell: Cell = (call, { r, activations: [f] }) => {
  const bounded = clipping(call);
  const recurrent = matrixTranspose(r);
  return ({ h, c }, input) => ({ h: f(bounded(add(input, matmul(h, recurrent)))), c });
};

/** Update z, reset r and candidate, in this order (Cho et al. 2014). */
const gatedCell: Cell = (call, { r, b, hidden, activations: [f, g] }) => {
  const bounded = clipping(call);
  const [rz, rr, rh] = split(r, 3).map(matrixTranspose);
  const before = call.int("linear_before_reset", 0) === 1;
  const bias = b && slice(b, { start: 5 * hidden, end: 6 * hidden });
  return ({ h, c }, input) => {
    const [iz, ir, ih] = split(input, 3, { axis: -1 });
    const z = f(bounded(add(iz, matmul(h, rz))));
    const reset = f(bounded(add(ir, matmul(h, rr))));
    const own = (t: Tensor) => (bias ? add(t, bias) : t);
    const inner = before ? mul(reset, own(matmul(h, rh))) : own(matmul(mul(reset, h), rh));
    const candidate = g(bounded(add(ih, inner)));
    return { h: add(mul(sub(1, z), candidate), mul(z, h)), c };
  };
};

/** Input, output, forget and cell gates, in this order, with peepholes (Hochreiter & Schmidhuber 1997). */
const memoryCell: Cell = (call, { r, p, activations: [f, g, k] }) => {
  const bounded = clipping(call);
  const recurrent = matrixTranspose(r);
  const peepholes = p ? split(p, 3) : undefined;
  const coupled = call.int("input_forget", 0) === 1;
  return ({ h, c }, input) => {
    const [i, o, fg, cell] = split(add(input, matmul(h, recurrent)), 4, { axis: -1 });
    const peek = (t: Tensor, index: number, state: Tensor) =>
      peepholes ? add(t, mul(peepholes[index], state)) : t;
    const it = f(bounded(peek(i, 0, c)));
    const ft = coupled ? sub(1, it) : f(bounded(peek(fg, 2, c)));
    const next = add(mul(ft, c), mul(it, g(bounded(cell))));
    const ot = f(bounded(peek(o, 1, next)));
    return { h: mul(ot, k(next)), c: next };
  };
};

/** The biases that are added to the inputs once: all of them, except the candidate's in a GRU, which is reset. */
function inputBias({ b, hidden }: Direction, gates: number, gru: boolean): Tensor | undefined {
  if (!b) return undefined;
  const [wb, rb] = split(b, 2);
  if (!gru) return add(wb, rb);
  const [outer, inner] = [
    slice(rb, { end: 2 * hidden }),
    slice(wb, { start: 2 * hidden, end: gates * hidden }),
  ];
  return concat([add(slice(wb, { end: 2 * hidden }), outer), inner]);
}

function run(call: NodeCall, direction: Direction, cell: Cell, gates: number): { all: Tensor; last: State } {
  const { x, w, h, c, active } = direction;
  const bias = inputBias(direction, gates, call.node.opType === "GRU");
  const products = matmul(x, matrixTranspose(w));
  const inputs = bias ? add(products, bias) : products;
  const step = cell(call, direction);
  const xs = active ? { inputs, active } : { inputs };
  const { carried, stacked } = scan(
    xs,
    { h, c },
    (state: State, now: { inputs: Tensor; active?: Tensor }) => {
      const next = step(state, now.inputs);
      const on = now.active;
      if (!on) return { carried: next, stacked: next.h };
      const held = (key: keyof State) =>
        next[key] === state[key] ? state[key] : where(on, next[key], state[key]);
      const kept = { h: held("h"), c: held("c") };
      return { carried: kept, stacked: where(on, next.h, 0) };
    },
  );
  return { all: stacked, last: carried };
}

const recurrent =
  (cell: Cell, gates: number, defaults: readonly string[]): Operator =>
  (call) => {
    const batchFirst = call.int("layout", 0) === 1;
    const given = call.input(0);
    const x = batchFirst ? transpose(given, [1, 0, 2]) : given;
    const [length, batch] = x.shape;
    const kind = call.text("direction", "forward");
    const count = kind === "bidirectional" ? 2 : 1;
    const [w, r] = [call.input(1), call.input(2)];
    const hidden = Number(r.shape[2]);
    const lengths = call.optional(4);
    const of = (t: Tensor | undefined, d: number) =>
      t && reshape(slice(t, { start: d, end: d + 1 }), t.shape.slice(1));
    const initial = (index: number, d: number) => {
      const state = call.optional(index);
      if (!state) return broadcastTo(scalar(0, x.dtype), [batch, hidden]);
      return batchFirst
        ? reshape(slice(state, { axis: 1, start: d, end: d + 1 }), [batch, hidden])
        : (of(state, d) ?? state);
    };
    const steps =
      lengths && expandDims(greater(reshape(lengths, [1, batch]), reshape(range(length), [length, 1])), -1);
    const memory = call.node.opType === "LSTM";
    const runs = Array.from({ length: count }, (_, d) => {
      const back = kind === "reverse" || d === 1;
      const turned = (t: Tensor) => (back ? flip(t, 0) : t);
      const h = initial(5, d);
      const { all, last } = run(
        call,
        {
          x: turned(x),
          w: of(w, d) ?? w,
          r: of(r, d) ?? r,
          b: of(call.optional(3), d),
          p: memory ? of(call.optional(7), d) : undefined,
          h,
          c: memory ? initial(6, d) : broadcastTo(scalar(0, x.dtype), [1]),
          hidden,
          activations: activationsOf(call, defaults.length, d, defaults),
          active: steps && turned(steps),
        },
        cell,
        gates,
      );
      return { all: turned(all), last };
    });
    const all = stack(
      runs.map((one) => one.all),
      { axis: 1 },
    );
    const lastOf = (key: "h" | "c") =>
      stack(
        runs.map(({ last }) => last[key]),
        { axis: batchFirst ? 1 : 0 },
      );
    const y = batchFirst ? transpose(all, [2, 0, 1, 3]) : all;
    return memory ? [y, lastOf("h"), lastOf("c")] : [y, lastOf("h")];
  };

export const recurrentOperators: Readonly<Record<string, Operator>> = {
  GRU: recurrent(gatedCell, 3, ["Sigmoid", "Tanh"]),
  LSTM: recurrent(memoryCell, 4, ["Sigmoid", "Tanh", "Tanh"]),
  RNN: recurrent(simpleCell, 1, ["Tanh"]),
};
