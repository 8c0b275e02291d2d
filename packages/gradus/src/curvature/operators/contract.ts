import type { CompileOptions, Tensor } from "@gradus/graph";
import type { LinearOperator } from "../../linalg/operator/contract.ts";
import type { AsTensors, ValuesOf } from "../../tree/arrays.ts";
import type { ParameterLayout } from "../../tree/parameter-layout.ts";

/** Where curvature is measured, in which parameters, and within how much memory. */
export interface CurvaturePlace<P extends ValuesOf<P>, D extends ValuesOf<D>> extends CompileOptions {
  /** A tree of f32 or f64 arrays. float32 leaves eigenvalues below 1e-6 of the largest to rounding. */
  readonly parameters: P;
  /** Arrays with one row per example. */
  readonly data: D;
  /** Only the parameters at or below these paths vary (`layers.0`: a layer); all when left out. */
  readonly group?: string | readonly string[];
  /**
   * Bytes that one call of the compiled product may take: rows go in batches, and blocks of vectors are cut, so that
   * all intermediate results together, as if none were freed, stay below. Parameters, data and vectors come on top. Where
   * all rows fit, what depends on the parameters alone is computed once for products with one vector, as soon as they
   * are enough to pay for it, within the same limit: a quarter to a third less time.
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

/** Where an operator is taken over. */
export interface OtherPlace<P, D> {
  readonly parameters?: P;
  /** Any number of rows. */
  readonly data?: D;
}

/**
 * A curvature matrix by its products, over the vector of `layout`. The arrays of the parameters and of the data must stay
 * as they are while it is used: `at` moves it. Holds native memory: dispose of it, or declare it with `using`.
 */
export interface CurvatureOperator<P extends ValuesOf<P>, D extends ValuesOf<D>>
  extends LinearOperator,
    Disposable {
  readonly symmetric: true;
  readonly layout: ParameterLayout<P>;
  /** Rows in one call. */
  readonly batchRows: number;
  /** Products with as many vectors as `vectors` holds, one after another; several a call. */
  applyMany(vectors: Float64Array, out: Float64Array): Promise<void>;
  /** The same matrix at other parameters or on other data, by the same compiled product: not compiled anew. */
  at(place: OtherPlace<P, D>): CurvatureOperator<P, D>;
  /** Frees the compiled product, of all operators that `at` made as well. */
  dispose(): void;
}
