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

/**
 * The dual of any traced activation by adaptive quadrature in a graph, like `quadratureDual`; the derivative is
 * computed in forward mode.
 *
 * @param f an elementwise function
 * @throws ArgumentError for an option that is unknown or out of range
 * @throws ConvergenceError, when evaluated, if the tolerance is not reached, as for an activation with a kink
 */
export function tracedDual(f: (z: Tensor) => Tensor, options: DualQuadratureOptions = {}): DualActivation {
  let ofPairs: ReturnType<typeof compilePairs> | undefined;
  let ofSquares: ReturnType<typeof compileSquares> | undefined;
  const refined = refinedDual(
    {
      async pairs({ k11, k12, k22 }: GaussianPairs, on, signal): Promise<DualMeans> {
        ofPairs ??= compilePairs(f);
        const program = await ofPairs;
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
        ofSquares ??= compileSquares(f);
        const { covariance, derivative } = await (await ofSquares).run({
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
  return {
    ...refined,
    async dispose() {
      const programs = await Promise.allSettled([ofPairs, ofSquares]);
      [ofPairs, ofSquares] = [undefined, undefined];
      for (const program of programs) if (program.status === "fulfilled") await program.value?.dispose();
    },
  };
}
