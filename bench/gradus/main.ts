/**
 * gradus' side of the comparison: `main.ts <inputs> <threads>`. Under `node --conditions=browser` the same programs
 * run on the WebAssembly runtime, in one thread.
 */
import { readInputs } from "../input-files.ts";
import { sizes } from "../sizes.ts";
import { versionOf } from "../versions.ts";
import { type Runner, serve } from "../worker.ts";
import { fusedSteps, step } from "./classifier.ts";
import { convolutionalProduct, convolutionalStep } from "./convolutional.ts";
import { curvatureProduct, gradient } from "./deep.ts";
import { linear, metrics } from "./linear.ts";
import { matrixProduct } from "./matmul.ts";
import { lanczosSteps, largestEigenpairs } from "./spectrum.ts";

const [directory, threads] = process.argv.slice(2);
const context = { inputs: readInputs(directory), options: { threads: Number(threads) } };
const runtime = process.execArgv.includes("--conditions=browser") ? "onnxruntime-web" : "onnxruntime-node";

const programs: Record<string, () => Promise<Runner>> = {
  step: () => step(context, "small"),
  steps: () => fusedSteps(context),
  wide: () => step(context, "wide"),
  gradient: () => gradient(context),
  hvp: () => curvatureProduct(context, "single"),
  "hvp-double": () => curvatureProduct(context, "double"),
  bce: () => linear(context),
  f1: () => linear(context, metrics.f1),
  balanced: () => linear(context, metrics.balanced),
  gmean: () => linear(context, metrics.gmean),
  convolutional: () => convolutionalStep(context),
  "convolutional-hvp": () => convolutionalProduct(context),
  lanczos: () => lanczosSteps(context),
  eigenpairs: () => largestEigenpairs(context),
};
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
