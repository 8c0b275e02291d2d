import { exportOnnx, hessianVectorProduct, jvp, type Tensor, type Tree, trace, vjp } from "@gradus/graph";
import { ArgumentError } from "../../check/errors.ts";
import { checkOneOf } from "../../check/options.ts";
import type { AsTensors, ValuesOf } from "../../tree/arrays.ts";
import { parameterLayout } from "../../tree/parameter-layout.ts";
import { dataSpecs, treeSpecs } from "../../tree/signature.ts";
import { checkProblem } from "../operators/check-problem.ts";
import { type TracedPoint, type TracedProduct, tracedPoint } from "../operators/compiled-products.ts";
import { rowLosses } from "../operators/fisher.ts";
import type { GaussNewtonProblem } from "../operators/gauss-newton.ts";
import { type MemoryNeed, memoryNeed } from "../operators/memory-need.ts";

/** A curvature matrix. */
export type CurvatureKind = "hessian" | "gauss-newton" | "empirical-fisher";

/** A file's description of its matrix. */
export interface CurvatureDescription {
  readonly format: 1;
  readonly matrix: CurvatureKind;
  /** Whether a product is the mean over a batch's rows, or their sum. */
  readonly reduction: "mean" | "sum";
  /** Bytes of intermediate results of one call. */
  readonly memory: MemoryNeed;
}

/** The metadata key of a file's description. */
export const CURVATURE_KEY = "gradus.curvature";

/** A traced loss at trained parameters, with data that define the shapes. */
export interface CurvatureExport<P extends ValuesOf<P>, D extends ValuesOf<D>> {
  /** The mean over the rows of a batch of each row's own loss. */
  readonly loss: (parameters: AsTensors<P>, batch: AsTensors<D>) => Tensor;
  /** The parameters at which the curvature is taken; they are stored in the file. */
  readonly parameters: P;
  /** Any number of rows: only the shapes of a row and the element types matter. */
  readonly data: D;
  readonly matrix?: CurvatureKind;
  /** For the Gauss-Newton matrix: the outputs of a batch. */
  readonly model?: GaussNewtonProblem<P, D>["model"];
  /** For the Gauss-Newton matrix: the curvature of a row's loss in its outputs. */
  readonly curvature?: GaussNewtonProblem<P, D>["curvature"];
  /** A description of the model for readers of the file. */
  readonly description?: string;
}

function productOf<P extends ValuesOf<P>, D extends ValuesOf<D>>({
  loss,
  matrix = "hessian",
  model,
  curvature,
}: CurvatureExport<P, D>): TracedProduct<P, D> {
  const outputs =
    (of: (parameters: AsTensors<P>, batch: AsTensors<D>) => Tensor, at: TracedPoint<P, D>) =>
    (varying: readonly Tensor[]) =>
      of(at.parameters(varying), at.batch);
  if (matrix === "hessian") return (at, vector) => hessianVectorProduct(outputs(loss, at))(at.point, vector);
  if (matrix === "empirical-fisher") {
    const losses = rowLosses<AsTensors<P>, AsTensors<D>>(loss);
    return (at, vector) => {
      const { pullback } = vjp(outputs(losses, at), at.point);
      return pullback(jvp(outputs(losses, at), at.point, vector).tangent);
    };
  }
  checkOneOf(["hessian", "gauss-newton", "empirical-fisher"], { matrix });
  if (!model || !curvature)
    throw new ArgumentError(
      `the Gauss-Newton matrix needs model and curvature; ${model ? "curvature" : "model"} is missing`,
    );
  return (at, vector) => {
    const { value, pullback } = vjp(outputs(model, at), at.point);
    return pullback(curvature.product(value, jvp(outputs(model, at), at.point, vector).tangent));
  };
}

interface Given {
  readonly data: Tree<Tensor>;
  readonly vector: readonly Tensor[];
}

/**
 * A curvature matrix as an ONNX file: a function from a vector over the parameters and a batch of rows to the matrix's
 * product with the vector and the batch's loss. `gradus spectrum` and `loadCurvature` read it; any ONNX runtime runs
 * it.
 *
 * Inputs `data.<path>` [rows, ...] and `vector.<path>`, outputs `product.<path>` and `loss`; the parameters are
 * constants. A product is the mean over the batch's rows for the Hessian, their sum for the other matrices.
 *
 * @returns the bytes of the file
 * @throws ArgumentError for an unknown matrix, a Gauss-Newton matrix without `model` or `curvature`, or parameters that
 *   are not floating-point
 * @throws ShapeError unless the loss is a floating-point scalar
 */
export function exportCurvature<P extends ValuesOf<P>, D extends ValuesOf<D>>(
  problem: CurvatureExport<P, D>,
): Uint8Array<ArrayBuffer> {
  checkProblem("exportCurvature", problem, ["loss", "matrix", "model", "curvature", "description"]);
  const { loss, parameters, data, matrix = "hessian", description } = problem;
  const layout = parameterLayout(parameters);
  const product = productOf(problem);
  const named = (tensors: readonly Tensor[]) =>
    Object.fromEntries(layout.slots.map(({ path }, k) => [path === "" ? "parameters" : path, tensors[k]]));
  const vectorSpecs = Object.fromEntries(
    layout.slots.map(({ path, dtype, shape }) => [path === "" ? "parameters" : path, { dtype, shape }]),
  );
  const compute = (all: Tree<Tensor>, { data: batch, vector }: Given) => {
    const at = tracedPoint<P, D>(layout, all, batch);
    return { product: named(product(at, vector)), loss: loss(at.parameters(at.point), at.batch) };
  };
  const specs = { data: dataSpecs(data), vector: vectorSpecs };
  const vectorOf = (given: { readonly vector: Readonly<Record<string, Tensor>> }) =>
    Object.values(given.vector);
  const traced = trace((given) => compute(given.parameters, { data: given.data, vector: vectorOf(given) }), {
    ...specs,
    parameters: treeSpecs(parameters),
  });
  const about: CurvatureDescription = {
    format: 1,
    matrix,
    reduction: matrix === "hessian" ? "mean" : "sum",
    memory: memoryNeed(traced, "rows", ""),
  };
  return exportOnnx(
    (given) => compute(given.parameters as Tree<Tensor>, { data: given.data, vector: vectorOf(given) }),
    specs,
    { constants: { parameters }, description, metadata: { [CURVATURE_KEY]: JSON.stringify(about) } },
  );
}
