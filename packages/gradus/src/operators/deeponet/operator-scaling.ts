import { add, mul, sub, type Tensor } from "@gradus/graph";
import { standardize } from "../../data/standardize.ts";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import type { ValuesOf } from "../../tree/arrays.ts";
import { constantLike } from "./constant-like.ts";
import type { OperatorNetwork } from "./operator-network.ts";

/** An affine change of units: (x - center) / scale, by column. */
export interface AffineScale {
  readonly center: Float64Array;
  readonly scale: Float64Array;
}

/** What brings the data of an operator to the order of 1, whatever their units. */
export interface OperatorScaling {
  /** m means, and the root mean square deviation from them over all sensors, m times the same number. */
  readonly sensorValues: AffineScale;
  /** d midpoints and half widths of the box of the locations, which becomes [-1, 1]^d. */
  readonly locations: AffineScale;
  /** A mean and a standard deviation for each output. */
  readonly targets: AffineScale;
}

/** The numbers of training data. */
interface Numbers {
  readonly sensorValues: DenseMatrix;
  readonly locations: DenseMatrix;
  readonly targets: DenseMatrix;
  readonly outputs: number;
}

/**
 * The scaling of training data. The values at the sensors share one scale: they are values of one function, in one unit,
 * and a sensor at which all functions nearly agree is not blown up. What does not vary keeps the scale 1.
 */
export function operatorScaling({ sensorValues, locations, targets, outputs }: Numbers): OperatorScaling {
  const places = targets.values.length / outputs;
  const ofTargets = standardize(
    { rows: places, columns: outputs, values: targets.values },
    { deviation: "population" },
  );
  return {
    sensorValues: commonScale(sensorValues),
    locations: boxScale(locations),
    targets: { center: ofTargets.mean, scale: ofTargets.scale },
  };
}

function commonScale({ rows, columns, values }: DenseMatrix): AffineScale {
  const { mean: center } = standardize({ rows, columns, values }, { deviation: "population" });
  const square = values.reduce((sum, x, k) => sum + (x - center[k % columns]) ** 2, 0);
  const deviation = Math.sqrt(square / values.length);
  return { center, scale: new Float64Array(columns).fill(deviation > 0 ? deviation : 1) };
}

function boxScale({ columns, values }: DenseMatrix): AffineScale {
  const lower = values.slice(0, columns);
  const upper = values.slice(0, columns);
  values.forEach((x, k) => {
    const j = k % columns;
    lower[j] = Math.min(lower[j], x);
    upper[j] = Math.max(upper[j], x);
  });
  return {
    center: lower.map((x, j) => (x + upper[j]) / 2),
    scale: lower.map((x, j) => (upper[j] > x ? (upper[j] - x) / 2 : 1)),
  };
}

const standardized = (x: Tensor, { center, scale }: AffineScale): Tensor =>
  mul(
    sub(x, constantLike(center, [center.length], x)),
    constantLike(
      scale.map((s) => 1 / s),
      [scale.length],
      x,
    ),
  );

/**
 * A network of standardized data as one that takes sensor values and locations in their own units; its outputs stay
 * standardized. Locations that a feature map takes are left as they are: its periods and frequencies have their unit.
 */
export function withOwnInputs<P extends ValuesOf<P>>(
  network: OperatorNetwork<P>,
  { sensorValues, locations }: OperatorScaling,
): OperatorNetwork<P> {
  const placed = (y: Tensor) => (network.mapsLocations ? y : standardized(y, locations));
  return {
    ...network,
    applyGrid: (p, u, y) => network.applyGrid(p, standardized(u, sensorValues), placed(y)),
    applyScattered: (p, u, y) => network.applyScattered(p, standardized(u, sensorValues), placed(y)),
  };
}

/** A network of standardized data as one that takes and gives everything in the data's own units. */
export function inOwnUnits<P extends ValuesOf<P>>(
  network: OperatorNetwork<P>,
  scaling: OperatorScaling,
): OperatorNetwork<P> {
  const { center, scale } = scaling.targets;
  const inner = withOwnInputs(network, scaling);
  const shape = [network.outputs];
  const own = (s: Tensor) => add(mul(s, constantLike(scale, shape, s)), constantLike(center, shape, s));
  return {
    ...inner,
    applyGrid: (p, u, y) => own(inner.applyGrid(p, u, y)),
    applyScattered: (p, u, y) => own(inner.applyScattered(p, u, y)),
  };
}
