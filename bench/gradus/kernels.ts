import { compile, floatData, specsOf } from "@gradus/graph";
import { denseKernel, mlpTangentKernel, tangentKernel } from "gradus/kernels";
import { denseMatrix } from "gradus/linalg";
import type { Inputs } from "../input-files.ts";
import type { Runner } from "../worker.ts";
import type { Context } from "./context.ts";
import { firstRows, loadNetwork } from "./network.ts";

/** Trace, sum and a corner of a kernel matrix. */
function figures(K: ArrayLike<number>): number[] {
  const n = Math.sqrt(K.length);
  let [trace, sum] = [0, 0];
  for (let i = 0; i < K.length; i++) {
    sum += K[i];
    if (i % (n + 1) === 0) trace += K[i];
  }
  return [trace, sum, K[n - 1]];
}

/** The empirical tangent kernel of a network on some points, mean over the outputs. */
export async function networkKernel(
  { inputs, options: compileOptions }: Context,
  by: "layers" | "gradients",
  name: string,
  layers: number,
  points: number,
): Promise<Runner> {
  const { network, options, parameters, data } = loadNetwork(inputs, name, layers);
  const x = firstRows(data.x, points);
  if (by === "gradients") {
    const call = async () => (await tangentKernel(network, parameters, x)).values;
    return { reset() {}, call, unitsPerCall: 1, check: async () => figures(await call()) };
  }
  const kernel = mlpTangentKernel(options);
  const program = await compile(
    (given) => kernel(given.parameters, given.x).kernel,
    { parameters: specsOf(parameters), x: { dtype: "f64", shape: ["points", x.shape[1]] } },
    compileOptions,
  );
  const call = async () => floatData(await program.run({ parameters, x }));
  return { reset() {}, call, unitsPerCall: 1, check: async () => figures(await call()) };
}

/** Covariance and tangent kernel of an infinitely wide network between the rows of a matrix. */
export function infiniteKernels(
  inputs: Inputs,
  name: string,
  activation: "relu" | "erf",
  { depth, biasStd }: { readonly depth: number; readonly biasStd: number },
): Runner {
  const { data, shape } = inputs[name];
  const X = denseMatrix(Float64Array.from(data, Number), shape[0], shape[1]);
  const call = () => denseKernel({ depth, activation, biasStd }).both(X);
  return {
    reset() {},
    call,
    unitsPerCall: 1,
    async check() {
      const { nngp, ntk } = await call();
      return [...figures(nngp.values), ...figures(ntk.values)];
    },
  };
}
