/**
 * gradus' side of the comparison: `main.ts <inputs> <threads>`. Under `node --conditions=browser` the same programs
 * run on the WebAssembly runtime, in one thread.
 */
import { exportedModel } from "../imported-models.ts";
import { readInputs } from "../input-files.ts";
import { sizes } from "../sizes.ts";
import { versionOf } from "../versions.ts";
import { type Runner, serve } from "../worker.ts";
import { regularTraced } from "./bilevel.ts";
import { fusedFullBatches, fusedSteps, step } from "./classifier.ts";
import { collaborativeSteps, mixingStep } from "./collaborative.ts";
import { convolutionalProduct, convolutionalStep } from "./convolutional.ts";
import { curvatureProducts, lanczosRules, topEigenvalues, trace } from "./curvature.ts";
import { curvatureProduct, gradient } from "./deep.ts";
import { diffusionSampling, diffusionTraining } from "./diffusion.ts";
import { directionStep } from "./direction.ts";
import { explainRows } from "./explanations.ts";
import { importedStep, importLarge, writtenStep } from "./imported.ts";
import { networkKernel } from "./kernels.ts";
import { linear, metrics } from "./linear.ts";
import { matrixProduct } from "./matmul.ts";
import { operatorTraining } from "./operators.ts";
import { lanczosSteps, largestEigenpairs } from "./spectrum.ts";
import { surrogateEpoch } from "./target-surrogate.ts";

const [directory, threads] = process.argv.slice(2);
const context = { inputs: readInputs(directory), options: { threads: Number(threads) } };
const runtime = process.execArgv.includes("--conditions=browser") ? "onnxruntime-web" : "onnxruntime-node";
// Where there is no native runtime, WebAssembly must not be measured under its name.
if (runtime === "onnxruntime-node") process.env.GRADUS_RUNTIME = "native";

const programs: Record<string, () => Promise<Runner>> = {
  step: () => step(context, "small"),
  steps: () => fusedSteps(context),
  wide: () => step(context, "wide"),
  "fused-wide": () => fusedFullBatches(context),
  gradient: () => gradient(context),
  hvp: () => curvatureProduct(context, "single"),
  "hvp-double": () => curvatureProduct(context, "double"),
  bce: () => linear(context),
  f1: () => linear(context, metrics.f1),
  balanced: () => linear(context, metrics.balanced),
  gmean: () => linear(context, metrics.gmean),
  convolutional: () => convolutionalStep(context),
  "convolutional-hvp": () => convolutionalProduct(context),
  "diffusion-plane": () => diffusionTraining(context, "plane"),
  "diffusion-images": () => diffusionTraining(context, "images"),
  "diffusion-sampling": () => diffusionSampling(context),
  "direction-step": () => directionStep(context),
  lanczos: () => lanczosSteps(context),
  eigenpairs: () => largestEigenpairs(context),
  "curvature-hessian": () => curvatureProducts(context, "hessian"),
  "curvature-gauss-newton": () => curvatureProducts(context, "gauss-newton"),
  "curvature-trace": () => trace(context),
  "curvature-quadrature": () => lanczosRules(context),
  "curvature-eigenvalues": () => topEigenvalues(context),
  "deeponet-1000": () => operatorTraining(context, "deeponet-1000"),
  "deeponet-10000": () => operatorTraining(context, "deeponet-10000"),
  "target-surrogate": async () => surrogateEpoch(),
  "bilevel-regular": async () => regularTraced(context.options.threads),
  "collaborative-training": () => collaborativeSteps(),
  explanations: () => explainRows(context, "together"),
  "explanations-one-by-one": () => explainRows(context, "one by one"),
};
programs["imported-large"] = () => importLarge();
for (const name of ["residual", "transformer"] as const) {
  programs[`imported-${name}`] = () => importedStep(context, name, exportedModel(name));
  programs[`imported-${name}-written`] = () => writtenStep(context, name, exportedModel(name));
}
for (const name of ["aggregation", "mixing"] as const)
  programs[`collaborative-${name}`] = async () => mixingStep(name);
const { curvature, scaling } = sizes;
for (const by of ["layers", "gradients"] as const)
  programs[`tangent-kernel-${by}`] = () =>
    networkKernel(context, by, "curvature", curvature.widths.length - 1, curvature.points);
for (const by of ["widths", "rows"] as const) {
  for (const size of scaling.hessian[by])
    programs[`scaling-hessian-${by}-${size}`] = () =>
      curvatureProducts(context, "hessian", `scaling.hessian.${by}.${size}`, 3);
  for (const size of scaling.tangent[by])
    for (const way of ["layers", "gradients"] as const) {
      const points = by === "rows" ? size : scaling.fixed.tangent.rows;
      programs[`scaling-tangent-${by}-${size}-${way}`] = () =>
        networkKernel(context, way, `scaling.tangent.${by}.${size}`, 3, points);
    }
}
for (const order of sizes.matmul) {
  programs[`matmul-${order}`] = () => matrixProduct(context, order, false);
  programs[`matmul-${order}-double`] = () => matrixProduct(context, order, true);
}

await serve({
  identity: {
    version: `${versionOf("@gradus/graph")} on ${runtime} ${versionOf(runtime)}`,
    settings: `${threads} thread${threads === "1" ? "" : "s"}`,
  },
  build: (program) => programs[program](),
});
