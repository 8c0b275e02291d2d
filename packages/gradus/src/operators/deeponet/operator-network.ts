import type { Tensor } from "@gradus/graph";
import type { ModelStart } from "../../nn/model.ts";
import type { AsTensors, ValuesOf } from "../../tree/arrays.ts";

/** A network that stands for an operator: it computes G(u)(y) of the sensors' values of u and of locations y. */
export interface OperatorNetwork<P extends ValuesOf<P>> {
  /** m, the values of an input function that it takes. */
  readonly sensors: number;
  /** d, the coordinates of a location. */
  readonly dimension: number;
  /** Numbers that it gives at a location. */
  readonly outputs: number;
  /** Whether it maps locations itself, in their own units, as behind a feature map: standardization leaves them alone. */
  readonly mapsLocations?: boolean;
  parameters(start: ModelStart): P;
  /**
   * Each function at its own locations.
   *
   * @param u [n, m]
   * @param y [n, P, d]
   * @returns [n, P], or [n, P, outputs] where there are several
   */
  applyScattered(parameters: AsTensors<P>, u: Tensor, y: Tensor): Tensor;
  /**
   * All functions at the same locations, each part computed once.
   *
   * @param u [n, m]
   * @param y [q, d]
   * @returns [n, q], or [n, q, outputs] where there are several
   */
  applyGrid(parameters: AsTensors<P>, u: Tensor, y: Tensor): Tensor;
}
