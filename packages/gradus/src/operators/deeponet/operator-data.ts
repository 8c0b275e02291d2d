import { checkFiniteMatrix, checkFiniteVector, checkLength } from "../../check/arrays.ts";
import { DataError } from "../../check/errors.ts";
import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkBoolean, checkGivenOptions, checkOneOf } from "../../check/options.ts";
import { checkMatrix, type DenseMatrix } from "../../linalg/matrix.ts";
import { type OperatorScaling, operatorScaling } from "./operator-scaling.ts";

/** Pairs of input and output functions, known at points. */
export interface OperatorData {
  /** Where the input functions are known: a number a sensor, the same for all functions. */
  readonly sensors: Float64Array;
  /** n x m: a function a row. */
  readonly sensorValues: DenseMatrix;
  /**
   * Where the output functions are known: with the layout `grid`, q x d, the same for all functions; with `scattered`,
   * (n P) x d, P locations of the first function, then of the second, and so on.
   */
  readonly locations: DenseMatrix;
  /** n x (q outputs) or n x (P outputs): a function a row, the outputs at a location side by side. */
  readonly targets: DenseMatrix;
  readonly layout: "grid" | "scattered";
  readonly outputs: number;
  /** What standardizes the data in training, and inside the exported file; undefined for data taken as they are. */
  readonly scaling: OperatorScaling | undefined;
}

export interface OperatorDataOptions extends Partial<Pick<OperatorData, "sensors" | "layout" | "outputs">> {
  readonly sensorValues: DenseMatrix;
  readonly locations: DenseMatrix;
  readonly targets: DenseMatrix;
  /**
   * Whether networks train on standardized numbers, true unless given: sensor values minus their means over their
   * deviation, locations mapped to [-1, 1], each output minus its mean over its standard deviation. Files made by
   * `exportOperator` with these data take and give numbers in the data's own units.
   */
  readonly standardize?: boolean;
}

/**
 * Pairs of functions from matrices, such as those of CSV or NPY files, checked against each other.
 *
 * @param options sensors: evenly spaced on [0, 1] unless given; layout: `grid` unless given; outputs: 1 unless given;
 *   standardize: true unless given
 * @throws DataError when the numbers of functions, locations and targets do not fit together, when there are none, or
 *   naming the row and column of a number that is not finite
 * @throws ArgumentError for an unknown option or layout
 */
export function operatorData(options: OperatorDataOptions): OperatorData {
  checkGivenOptions("operatorData", options, [
    "sensors",
    "sensorValues",
    "locations",
    "targets",
    "layout",
    "outputs",
    "standardize",
  ]);
  const { sensorValues, locations, targets, layout = "grid", outputs = 1, standardize = true } = options;
  for (const [name, x] of Object.entries({ sensorValues, locations, targets })) {
    checkMatrix(name, x);
    checkFiniteMatrix(name, x.values, x.columns);
  }
  checkOneOf(["grid", "scattered"], { layout });
  checkBoolean({ standardize });
  checkPositiveInteger({ outputs });
  const m = sensorValues.columns;
  const sensors = options.sensors ?? evenPoints(m);
  checkLength("sensors", sensors, m);
  checkFiniteVector("sensors", sensors);
  const n = sensorValues.rows;
  for (const [name, { rows }] of Object.entries({ sensorValues, locations }))
    if (rows === 0) throw new DataError(`${name} must have at least one row, got none`);
  if (targets.rows !== n)
    throw new DataError(
      `sensorValues and targets must have a row for each function, got ${n} and ${targets.rows} rows`,
    );
  const perFunction = layout === "grid" ? locations.rows : locations.rows / n;
  if (!Number.isInteger(perFunction))
    throw new DataError(
      `scattered locations must have as many rows for each of the ${n} functions, got ${locations.rows} rows`,
    );
  if (targets.columns !== perFunction * outputs)
    throw new DataError(
      `targets must have ${perFunction * outputs} columns (${perFunction} locations a function${outputs > 1 ? `, ${outputs} outputs at each` : ""}), got ${targets.columns}`,
    );
  const scaling = standardize ? operatorScaling({ sensorValues, locations, targets, outputs }) : undefined;
  return { sensors, sensorValues, locations, targets, layout, outputs, scaling };
}

/** The first of as many sensors that is elsewhere, by more than rounding; -1 if none is. */
export function displacedSensor(known: Float64Array, given: Float64Array): number {
  const reach = Math.max(...known.map(Math.abs), Number.MIN_VALUE);
  return given.findIndex((x, i) => !(Math.abs(x - known[i]) <= 1e-6 * reach));
}

/** `count` points on [start, end], both ends included; the start alone for one point. */
export function evenPoints(count: number, start = 0, end = 1): Float64Array<ArrayBuffer> {
  return Float64Array.from({ length: count }, (_, j) =>
    count === 1 ? start : start + ((end - start) * j) / (count - 1),
  );
}
