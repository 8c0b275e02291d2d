import { add, matmul, type Tensor, tanh } from "@gradus/graph";
import { lossHessianOperator } from "gradus/curvature";
import { extremeEigenpairs, lanczos, ritzValues } from "gradus/linalg";
import { softmaxCrossEntropy } from "gradus/losses";
import { sizes } from "../sizes.ts";
import type { Runner } from "../worker.ts";
import { type Context, widened } from "./context.ts";

const { steps, eigenvalues, tolerance } = sizes.spectrum;

type Parameters = Readonly<Record<"w1" | "b1" | "w2" | "b2", Tensor>>;

function loss({ w1, b1, w2, b2 }: Parameters, { x, y }: { readonly x: Tensor; readonly y: Tensor }): Tensor {
  return softmaxCrossEntropy(add(matmul(tanh(add(matmul(x, w1), b1)), w2), b2), y);
}

/** The Hessian of the network's loss as an operator; each call begins at a place of its own, where nothing is kept yet. */
async function hessian({ inputs, options }: Context) {
  const [w1, b1, w2, b2, x] = ["w1", "b1", "w2", "b2", "x"].map((name) =>
    widened(inputs[`spectrum.${name}`]),
  );
  const parameters = { w1, b1, w2, b2 };
  const A = await lossHessianOperator({ loss, parameters, data: { x, y: inputs["spectrum.y"] }, ...options });
  return () => A.at({});
}

const largest = (values: Float64Array): number[] => Array.from(values.toSorted().slice(-eigenvalues));

/** Lanczos steps with full reorthogonalization from the common start vector, and the eigenvalues of their matrix. */
export async function lanczosSteps(context: Context): Promise<Runner> {
  const A = await hessian(context);
  const start = Float64Array.from(context.inputs["spectrum.start"].data, Number);
  const call = async () => {
    for await (const iterate of lanczos(A(), { start }))
      if (iterate.iteration === steps) return largest(ritzValues(iterate).values);
    throw new Error("the Krylov space ended early");
  };
  return { reset() {}, call, unitsPerCall: 1, check: call };
}

/** The largest eigenpairs, to a residual of `tolerance` times the eigenvalue. */
export async function largestEigenpairs(context: Context): Promise<Runner> {
  const A = await hessian(context);
  const call = async () => largest((await extremeEigenpairs(A(), { count: eigenvalues, tolerance })).values);
  return { reset() {}, call, unitsPerCall: 1, check: call };
}
