import type { Tensor } from "@gradus/graph";
import type { OutputCurvature } from "./output-curvature.ts";
import type { LossOptions } from "./reduction.ts";

/**
 * A loss of the outputs z of a model's rows, as everything that uses one needs it: values and derivatives in float64,
 * the bound of its curvature, the labels for which it is defined, and the same in the graph.
 */
export interface Loss {
  /** The name used in messages. */
  readonly name: string;
  /** Outputs of a row; undefined where the loss adds up over as many as there are. */
  readonly outputs: number | undefined;
  /** Whether a row's label is one number (a class, a sign) or one number for each output. */
  readonly labels: "row" | "output";
  /** L: a row's gradient in its outputs is L-Lipschitz; undefined where there is no such L. */
  readonly smoothness: number | undefined;
  /** @throws DataError naming the row of a label that the loss is not defined for */
  checkLabels(name: string, labels: ArrayLike<number>): void;
  /**
   * The loss of each row and its gradient in the row's outputs (a subgradient where there is none).
   *
   * @param outputs rows x outputs, row-major
   * @param labels one number per row, or one per output
   * @param losses written: one number per row
   * @param gradient written where it is given: rows x outputs
   */
  evaluate(outputs: Float64Array, labels: Float64Array, losses: Float64Array, gradient?: Float64Array): void;
  /** Writes the second derivatives of each row's loss in each of its outputs, rows x outputs. */
  curvatures?(outputs: Float64Array, labels: Float64Array, out: Float64Array): void;
  /**
   * The loss in the graph, by default the mean.
   *
   * @throws ArgumentError when outputs [n, 1] meet labels [n], for an unknown option or reduction
   */
  traced(outputs: Tensor, labels: Tensor, options?: LossOptions): Tensor;
  /** The Hessian of a row's loss in its outputs, in the graph. */
  readonly outputCurvature?: OutputCurvature;
}

/** A loss phi(z, y) of single outputs. */
export interface ScalarLoss extends Loss {
  value(z: number, y: number): number;
  derivative(z: number, y: number): number;
  curvature(z: number, y: number): number;
  curvatures(outputs: Float64Array, labels: Float64Array, out: Float64Array): void;
}
