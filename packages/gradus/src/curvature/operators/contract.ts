import type { CompileOptions, Tensor } from "@gradus/graph";
import type { LinearOperator } from "../../linalg/operator/contract.ts";
import type { AsTensors, ValuesOf } from "../../tree/arrays.ts";
import type { ParameterLayout } from "../../tree/parameter-layout.ts";

/** Where curvature is measured, in which parameters, and within how much memory. */
export interface CurvaturePlace<P extends ValuesOf<P>, D extends ValuesOf<D>> extends CompileOptions {
  /** A tree of f32 or f64 arrays. In float32, eigenvalues below 1e-6 of the largest are lost to rounding. */
  readonly parameters: P;
  /** Arrays with one row per example. */
  readonly data: D;
  /** Only the parameters at or below these paths vary (`layers.0` is a layer); defaults to all. */
  readonly group?: string | readonly string[];
  /**
   * Bytes that one call of the compiled product may use: rows are split into batches and vectors into blocks so that
   * all intermediate results together, as if none were freed, stay below. Parameters, data and vectors are extra. If
   * all rows fit, results that depend only on the parameters are computed once for products with one vector as soon as
   * that pays off, within the same limit; this saves a quarter to a third of the time.
   */
  readonly memoryLimit?: number;
}

/** A traced loss and where its curvature is measured. */
export interface LossProblem<P extends ValuesOf<P>, D extends ValuesOf<D>> extends CurvaturePlace<P, D> {
  /**
   * The mean over the rows of a batch of each row's own loss, a scalar; rows must not depend on each other (no batch
   * statistics).
   */
  readonly loss: (parameters: AsTensors<P>, batch: AsTensors<D>) => Tensor;
}

/** Other parameters or data for an operator. */
export interface OtherPlace<P, D> {
  readonly parameters?: P;
  /** Any number of rows. */
  readonly data?: D;
}

/**
 * A curvature matrix by its products with vectors of `layout`. Do not modify the arrays of the parameters and the data
 * while it is in use; `at` gives the matrix for others. Holds native memory: declare it with `using`, or call
 * `dispose`.
 */
export interface CurvatureOperator<P extends ValuesOf<P>, D extends ValuesOf<D>>
  extends LinearOperator,
    Disposable {
  readonly symmetric: true;
  readonly layout: ParameterLayout<P>;
  /** Rows in one call. */
  readonly batchRows: number;
  /** Products with all vectors in `vectors`, which are consecutive; several vectors per call of the graph. */
  applyMany(vectors: Float64Array, out: Float64Array): Promise<void>;
  /** The same matrix at other parameters or on other data, without recompiling the product. */
  at(place: OtherPlace<P, D>): CurvatureOperator<P, D>;
  /** Frees the compiled product, which operators made by `at` share. */
  dispose(): void;
}
