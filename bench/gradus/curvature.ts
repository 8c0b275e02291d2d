import {
  type CurvatureOperator,
  gaussNewtonOperator,
  hutchinsonTrace,
  lanczosQuadrature,
  lossHessianOperator,
  spectralMean,
} from "gradus/curvature";
import { solve } from "gradus/iterate";
import { dot, extremeEigenpairs, norm2 } from "gradus/linalg";
import { softmaxCurvature } from "gradus/losses";
import { sizes } from "../sizes.ts";
import type { Runner } from "../worker.ts";
import type { Context } from "./context.ts";
import { loadNetwork, vectorOf } from "./network.ts";

const { widths, traceProbes, quadrature, eigenpairs } = sizes.curvature;

type Matrix = "hessian" | "gauss-newton";

/** Products with a curvature matrix of a network at one point. */
export async function curvatureProducts(
  { inputs, options }: Context,
  matrix: Matrix,
  name = "curvature",
  layers = widths.length - 1,
): Promise<Runner> {
  const { parameters, data, loss, model } = loadNetwork(inputs, name, layers);
  const place = { parameters, data, ...options };
  const A =
    matrix === "hessian"
      ? await lossHessianOperator({ loss, ...place })
      : await gaussNewtonOperator({ model, curvature: softmaxCurvature, ...place });
  const v = vectorOf(inputs, `${name}.v`);
  const out = new Float64Array(v.length);
  const call = () => A.apply(v, out);
  return {
    reset() {},
    call,
    unitsPerCall: 1,
    async check() {
      await call();
      return [norm2(out), dot(out, v)];
    },
  };
}

type Problem = ReturnType<typeof loadNetwork>;
type Hessian = CurvatureOperator<Problem["parameters"], Problem["data"]>;

/** A figure of the trained network's Hessian; every call begins at a place of its own, where nothing is kept yet. */
async function ofHessian(
  { inputs, options }: Context,
  figure: (A: Hessian) => Promise<number[]>,
): Promise<Runner> {
  const { parameters, data, loss } = loadNetwork(inputs, "curvature", widths.length - 1);
  const A = await lossHessianOperator({ loss, parameters, data, ...options });
  const call = () => figure(A.at({}));
  return { reset() {}, call, unitsPerCall: 1, check: call };
}

/** Hutchinson's estimate of the trace and its standard error. */
export const trace = (context: Context): Promise<Runner> =>
  ofHessian(context, async (A) => {
    const { iterate } = await solve(hutchinsonTrace(A, { probes: traceProbes }));
    return [iterate.estimate, iterate.standardError];
  });

/** Mean and mean square of the eigenvalues by stochastic Lanczos quadrature. */
export const lanczosRules = (context: Context): Promise<Runner> =>
  ofHessian(context, async (A) => {
    const { iterate } = await solve(lanczosQuadrature(A, quadrature));
    const { rules } = iterate;
    return [spectralMean(rules).value, spectralMean(rules, (eigenvalue) => eigenvalue ** 2).value];
  });

/** The largest eigenvalues. */
export const topEigenvalues = (context: Context): Promise<Runner> =>
  ofHessian(context, async (A) => Array.from((await extremeEigenpairs(A, eigenpairs)).values));
