/** gradus' side of the cases that need no graph, computed in JavaScript and WebAssembly: `host.ts <inputs>`. */
import { lbfgs, newtonCg, trustRegion } from "gradus/optimize";
import { convexNetworkSizes } from "../convex-network-sizes.ts";
import { equalitySizes } from "../equality-sizes.ts";
import { readInputs } from "../input-files.ts";
import { sizes } from "../sizes.ts";
import { versionOf } from "../versions.ts";
import { type Runner, serve } from "../worker.ts";
import { cleaning, regularByHand } from "./bilevel.ts";
import { greedySteps, lasso, latticeSystem, treeSteps } from "./block-coordinate.ts";
import { imageNetwork, sampledProgram } from "./convex-networks.ts";
import { denseOperation } from "./dense.ts";
import { symmetricEigenproblem } from "./eigen.ts";
import { constrainedLogistic, drawnSet, labeledSets, newtonSystem, smallProblems } from "./equality.ts";
import { fittingRunners } from "./fitting.ts";
import { gridSolution } from "./grids.ts";
import { infiniteKernels } from "./kernels.ts";
import { randomFeatureLeastSquares } from "./least-squares.ts";
import { minimizerNames, minimizers } from "./minimizers.ts";
import {
  denseLogisticFit,
  logisticFit,
  logisticMinimum,
  logSumExpMinimum,
  residualMinimum,
} from "./newton.ts";
import { operatorLabels } from "./operator-data.ts";
import { orthogonalFactorization } from "./orthogonal.ts";
import { particleCanyon, particleMinimum, particleSteps } from "./particles.ts";
import { scoreKernel, scoreNetwork } from "./score.ts";
import { libsvmReading, residentProduct, sparseProduct } from "./sparse.ts";
import { allRuns, singleSteps, threshold } from "./stability.ts";

const [directory] = process.argv.slice(2);
const inputs = readInputs(directory);

const programs: Record<string, () => Runner | Promise<Runner>> = {
  libsvm: () => libsvmReading(directory),
  "greedy-steps": () => greedySteps(inputs),
  "tree-steps": () => treeSteps(inputs),
  "lattice-trees": () => latticeSystem(inputs, "trees"),
  "lattice-cg": () => latticeSystem(inputs, "cg"),
  "newton-log-sum-exp": () => logSumExpMinimum(inputs, "exact"),
  "newton-log-sum-exp-weighted": () => logSumExpMinimum(inputs, "weightedGaussNewton"),
  "newton-residual-fisher": () => residualMinimum(inputs, "fisherTerm"),
  "newton-residual-exact": () => residualMinimum(inputs, "exact"),
  "newton-mushrooms": () => logisticFit("auto"),
  "newton-mushrooms-products": () => logisticFit("products"),
  "newton-mushrooms-lbfgs": () => logisticMinimum(lbfgs),
  "newton-mushrooms-newton-cg": () => logisticMinimum(newtonCg),
  "newton-mushrooms-trust-region": () => logisticMinimum(trustRegion),
  "convex-images": () => imageNetwork(inputs),
  "bilevel-regular": regularByHand,
  "bilevel-cleaning": cleaning,
  "equality-small-exact": () => smallProblems("exact"),
  ...fittingRunners(inputs),
  "score-network": scoreNetwork,
  "score-kernel": scoreKernel,
  "particles-step": () => particleSteps(),
  "particles-canyon": () => particleCanyon("fast"),
  "particles-canyon-paper": () => particleCanyon("paper"),
  "stability-step": () => singleSteps(inputs),
  "stability-experiment": () => allRuns(inputs),
};
for (const name of minimizerNames) programs[`minimize-${name}`] = () => minimizers(name);
for (const method of ["consensus", "cma-es"] as const)
  programs[`particles-minimum-${method}`] = () => particleMinimum(method);
for (const set of ["mushrooms", "splice"] as const)
  for (const method of ["exact", "rows"] as const)
    programs[`equality-${set}-${method}`] = () => constrainedLogistic(labeledSets[set], method);
for (const [rows, columns] of equalitySizes.designs)
  for (const method of ["exact", "rows"] as const)
    programs[`equality-${rows}-${columns}-${method}`] = () =>
      constrainedLogistic(() => drawnSet(inputs, rows, columns), method);
const { scaling } = sizes;
for (const which of ["few", "many"] as const)
  programs[`lasso-${which}`] = () =>
    lasso(inputs, { name: "lasso", columns: sizes.lasso.columns, ...sizes.lasso[which] });
for (const columns of scaling.logistic.columns)
  for (const hessian of ["exact", "products"])
    programs[`scaling-logistic-${columns}-${hessian}`] = () => denseLogisticFit(inputs, columns, hessian);
for (const columns of scaling.lasso.columns) {
  const { ratio, blockSize } = scaling.lasso;
  programs[`scaling-lasso-${columns}-blocks`] = () =>
    lasso(inputs, { name: `scaling.lasso.${columns}`, columns, ratio, blockSize });
}
for (const side of scaling.lattice.sides)
  for (const by of ["trees", "cg"] as const)
    programs[`scaling-lattice-${side}-${by}`] = () => latticeSystem(inputs, by, `scaling.lattice.${side}`);
for (const order of new Set<number>([...equalitySizes.orders, ...scaling.system.orders]))
  for (const by of ["rows", "gmres-2", "gmres", "minres", "lu"] as const)
    programs[`equality-system-${order}-${by}`] = () => newtonSystem(order, by);
for (const activation of ["relu", "erf"] as const)
  programs[`infinite-${activation}`] = () =>
    infiniteKernels(inputs, "infinite.x", activation, sizes.curvature.infinite);
for (const rows of scaling.infinite.rows)
  programs[`scaling-infinite-${rows}`] = () =>
    infiniteKernels(inputs, `scaling.infinite.${rows}`, "relu", scaling.infinite);
programs["grid-conjugate-gradients"] = () => gridSolution(false);
programs["grid-multigrid"] = () => gridSolution(true);
for (const name of ["antiderivative", "pendulum"] as const)
  programs[`operator-data-${name}`] = () => operatorLabels(name);
for (const rows of convexNetworkSizes.rows)
  programs[`convex-network-${rows}`] = () => sampledProgram(inputs, rows);
for (const name of ["small", "large"] as const)
  programs[`stability-threshold-${name}`] = () => threshold(inputs, name);
for (const kind of ["gemm", "gemv", "cholesky", "lu"] as const)
  for (const order of sizes.dense)
    programs[`dense-${kind}-${order}`] = () => denseOperation(inputs, kind, order);
for (const kind of ["eigen", "eigenvalues"] as const)
  for (const order of sizes.eigen)
    programs[`${kind}-${order}`] = () => symmetricEigenproblem(inputs, kind, order);
for (const kind of ["qr", "qr-pivoted", "svd", "singular-values"] as const)
  for (const [rows, columns] of sizes.orthogonal)
    programs[`${kind}-${rows}x${columns}`] = () => orthogonalFactorization(inputs, kind, rows, columns);
for (const by of ["qr", "svd"] as const)
  programs[`least-squares-${by}`] = () => randomFeatureLeastSquares(inputs, by);
for (const name of ["cached", "tall", "vast"] as const) {
  programs[`sparse-${name}`] = () => sparseProduct(inputs, name, false);
  programs[`sparse-${name}-transposed`] = () => sparseProduct(inputs, name, true);
  programs[`sparse-${name}-resident`] = () => residentProduct(inputs, name, false);
  programs[`sparse-${name}-transposed-resident`] = () => residentProduct(inputs, name, true);
}

await serve({
  identity: { version: versionOf("gradus"), settings: "1 thread" },
  build: (program) => programs[program](),
});
