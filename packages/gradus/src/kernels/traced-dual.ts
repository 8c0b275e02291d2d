import {
  add,
  compile,
  constant,
  div,
  f64,
  floatData,
  greater,
  jvp,
  matmul,
  maximum,
  mul,
  onesLike,
  outer,
  reshape,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  where,
} from "@gradus/graph";
import { gaussHermite } from "../statistics/gauss-hermite.ts";
import type { DualActivation, DualPairs } from "./dual-activation.ts";
import { disagreement, otherOrder, probe } from "./quadrature-dual.ts";

/** Pairs a run: with 80 nodes an array of all values takes 13 MB. */
const PAIRS = 256;

type Run = (k: {
  readonly k11: Float64Array;
  readonly k12: Float64Array;
  readonly k22: Float64Array;
}) => Promise<{ covariance: Float64Array; derivative: Float64Array }>;

interface Compiled {
  run: Run;
  dispose(): Promise<void>;
}

/** Compiles when it is first used. */
function compiled(f: (z: Tensor) => Tensor, order: number): Compiled {
  const { nodes, weights } = gaussHermite(order);
  const body = ({ k11, k12, k22 }: { k11: Tensor; k12: Tensor; k22: Tensor }) => {
    const [a, w] = [constant(nodes, [order]), constant(weights, [order])];
    const deviation = sqrt(k11);
    const positive = greater(k11, 0);
    const along = where(positive, div(k12, where(positive, deviation, onesLike(deviation))), mul(k12, 0));
    const across = sqrt(maximum(sub(k22, square(along)), 0));
    const u = outer(deviation, a);
    // [pairs, nodes of u, nodes of v]
    const v = add(reshape(outer(along, a), [PAIRS, order, 1]), reshape(outer(across, a), [PAIRS, 1, order]));
    const mean = (ofU: Tensor, ofV: Tensor) => {
      const inner = reshape(matmul(ofV, reshape(w, [order, 1])), [PAIRS, order]);
      return sum(mul(mul(ofU, inner), w), { axes: [1] });
    };
    const atU = jvp(f, u, onesLike(u));
    const atV = jvp(f, v, onesLike(v));
    return { covariance: mean(atU.value, atV.value), derivative: mean(atU.tangent, atV.tangent) };
  };
  const specs = { k11: f64(PAIRS), k12: f64(PAIRS), k22: f64(PAIRS) };
  const load = () => compile(body, specs);
  let loading: ReturnType<typeof load> | undefined;
  return {
    async run(k) {
      loading ??= load();
      const { covariance, derivative } = await (await loading).run(k);
      return {
        covariance: Float64Array.from(floatData(covariance)),
        derivative: Float64Array.from(floatData(derivative)),
      };
    },
    async dispose() {
      const program = await loading;
      loading = undefined;
      await program?.dispose();
    },
  };
}

async function fill(run: Run, { k11, k12, k22, covariance, derivative }: DualPairs): Promise<void> {
  const padded = () => new Float64Array(PAIRS);
  for (let start = 0; start < k12.length; start += PAIRS) {
    const end = Math.min(start + PAIRS, k12.length);
    const piece = { k11: padded(), k12: padded(), k22: padded() };
    piece.k11.set(k11.subarray(start, end));
    piece.k12.set(k12.subarray(start, end));
    piece.k22.set(k22.subarray(start, end));
    const result = await run(piece);
    covariance.set(result.covariance.subarray(0, end - start), start);
    derivative.set(result.derivative.subarray(0, end - start), start);
  }
}

/**
 * The dual of any traced activation by Gauss-Hermite quadrature in a graph, as `quadratureDual` says; the derivative
 * is taken by forward mode.
 *
 * @param f elementwise
 * @throws ArgumentError unless nodes is an integer in 1 .. 384
 */
export function tracedDual(
  f: (z: Tensor) => Tensor,
  { nodes = 80, name = "the activation" } = {},
): DualActivation {
  const first = compiled(f, nodes);
  const second = compiled(f, otherOrder(nodes));
  return {
    name,
    evaluate: (pairs) => fill(first.run, pairs),
    async warning() {
      const [a, b] = [probe(), probe()];
      await fill(first.run, a);
      await fill(second.run, b);
      await second.dispose();
      return disagreement(name, nodes, a, b);
    },
    dispose: first.dispose,
  };
}
