import {
  add,
  compile,
  div,
  expandDims,
  floatData,
  greater,
  jvp,
  matmul,
  maximum,
  mul,
  onesLike,
  outer,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  where,
} from "@gradus/graph";
import { type ActivationName, activations } from "../nn/activations.ts";
import type { DualActivation } from "./dual-activation.ts";
import type { NormalGrid } from "./normal-grid.ts";
import {
  type DualMeans,
  type DualQuadratureOptions,
  type GaussianPairs,
  refinedDual,
} from "./refined-dual.ts";

/** Values of f per call: an array of them takes half a megabyte, which stays in the cache. */
const VALUES = 2 ** 16;

const vector = (length: string) => ({ dtype: "f64", shape: [length] }) as const;
const grid = { nodes: vector("nodes"), weights: vector("nodes") };

interface TracedGrid {
  readonly nodes: Tensor;
  readonly weights: Tensor;
}

const compilePairs = (f: (z: Tensor) => Tensor) =>
  compile(
    ({ k11, k12, k22, nodes, weights }: TracedGrid & Record<"k11" | "k12" | "k22", Tensor>) => {
      const deviation = sqrt(k11);
      const positive = greater(k11, 0);
      const along = where(positive, div(k12, where(positive, deviation, onesLike(deviation))), mul(k12, 0));
      const across = sqrt(maximum(sub(k22, square(along)), 0));
      const u = outer(deviation, nodes);
      // [pairs, nodes of u, nodes of v]
      const v = add(expandDims(outer(along, nodes), 2), expandDims(outer(across, nodes), 1));
      const mean = (ofU: Tensor, ofV: Tensor) =>
        sum(mul(mul(ofU, matmul(ofV, weights)), weights), { axes: [1] });
      const atU = jvp(f, u, onesLike(u));
      const atV = jvp(f, v, onesLike(v));
      return { covariance: mean(atU.value, atV.value), derivative: mean(atU.tangent, atV.tangent) };
    },
    { k11: vector("pairs"), k12: vector("pairs"), k22: vector("pairs"), ...grid },
  );

const compileSquares = (f: (z: Tensor) => Tensor) =>
  compile(
    ({ variances, nodes, weights }: TracedGrid & { readonly variances: Tensor }) => {
      const u = outer(sqrt(variances), nodes);
      const { value, tangent } = jvp(f, u, onesLike(u));
      return { covariance: matmul(square(value), weights), derivative: matmul(square(tangent), weights) };
    },
    { variances: vector("pairs"), ...grid },
  );

const asArray = (data: Float64Array) => ({ dtype: "f64", shape: [data.length], data }) as const;
const asArrays = ({ nodes, weights }: NormalGrid) => ({ nodes: asArray(nodes), weights: asArray(weights) });

/** The programs of an activation, each compiled when it is first used. */
interface DualPrograms {
  pairs(): ReturnType<typeof compilePairs>;
  squares(): ReturnType<typeof compileSquares>;
  dispose(): Promise<void>;
}

/** What a function makes when it is first called; again after a failure, or once it was taken. */
function once<T>(make: () => Promise<T>) {
  let made: Promise<T> | undefined;
  return {
    get(): Promise<T> {
      if (made) return made;
      const making = make();
      made = making;
      making.catch(() => {
        if (made === making) made = undefined;
      });
      return making;
    },
    take(): Promise<T> | undefined {
      const taken = made;
      made = undefined;
      return taken;
    },
  };
}

function dualPrograms(f: (z: Tensor) => Tensor): DualPrograms {
  const pairs = once(() => compilePairs(f));
  const squares = once(() => compileSquares(f));
  return {
    pairs: pairs.get,
    squares: squares.get,
    async dispose() {
      const programs = await Promise.allSettled([pairs.take(), squares.take()]);
      for (const program of programs) if (program.status === "fulfilled") await program.value?.dispose();
    },
  };
}

function dualBy(programs: DualPrograms, options: DualQuadratureOptions) {
  return refinedDual(
    {
      async pairs({ k11, k12, k22 }: GaussianPairs, on, signal): Promise<DualMeans> {
        const program = await programs.pairs();
        const means = { covariance: new Float64Array(k12.length), derivative: new Float64Array(k12.length) };
        const count = Math.max(1, Math.floor(VALUES / on.nodes.length ** 2));
        for (let start = 0; start < k12.length; start += count) {
          signal?.throwIfAborted();
          const part = (values: Float64Array) => asArray(values.slice(start, start + count));
          const { covariance, derivative } = await program.run({
            k11: part(k11),
            k12: part(k12),
            k22: part(k22),
            ...asArrays(on),
          });
          means.covariance.set(floatData(covariance), start);
          means.derivative.set(floatData(derivative), start);
        }
        return means;
      },
      async squares(variances, on) {
        const program = await programs.squares();
        const { covariance, derivative } = await program.run({
          variances: asArray(variances),
          ...asArrays(on),
        });
        return {
          covariance: new Float64Array(floatData(covariance)),
          derivative: new Float64Array(floatData(derivative)),
        };
      },
    },
    options,
  );
}

/**
 * The dual of any traced activation by adaptive quadrature in a graph, like `quadratureDual`; the derivative is
 * computed in forward mode.
 *
 * @param f an elementwise function
 * @throws ArgumentError for an option that is unknown or out of range
 * @throws ConvergenceError, when evaluated, if the tolerance is not reached, as for an activation with a kink
 */
export function tracedDual(f: (z: Tensor) => Tensor, options: DualQuadratureOptions = {}): DualActivation {
  const programs = dualPrograms(f);
  return { ...dualBy(programs, options), dispose: programs.dispose };
}

const namedPrograms = new Map<ActivationName, DualPrograms>();

/**
 * `tracedDual` of a named activation. Its programs are compiled once and stay: a program takes megabytes of memory that
 * the garbage collector does not see, and so knows no reason to free.
 */
export function namedDual(name: ActivationName, options: DualQuadratureOptions): DualActivation {
  let programs = namedPrograms.get(name);
  if (!programs) {
    programs = dualPrograms(activations[name]);
    namedPrograms.set(name, programs);
  }
  return dualBy(programs, { ...options, name });
}
