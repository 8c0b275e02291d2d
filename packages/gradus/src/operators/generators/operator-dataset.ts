import { checkFiniteVector } from "../../check/arrays.ts";
import { ArgumentError, DataError } from "../../check/errors.ts";
import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import { checkMatrix, type DenseMatrix } from "../../linalg/matrix.ts";
import type { RandomStream } from "../../random/stream.ts";
import { evenPoints, type OperatorData } from "../deeponet/operator-data.ts";
import { cubicSplines } from "../function-spaces/cubic-splines.ts";
import type { FunctionSpace } from "../function-spaces/function-space.ts";
import type { SolutionOperator } from "./solution-operator.ts";

export interface OperatorDatasetOptions {
  readonly space: FunctionSpace;
  readonly operator: SolutionOperator;
  /** m evenly spaced sensors with both ends (the start alone where m is 1), or where they stand. */
  readonly sensors: number | Float64Array;
  /** n. */
  readonly functions: number;
  /** P random locations for each function: the layout `scattered`. */
  readonly pointsPerFunction?: number;
  /** The same locations for all functions: the layout `grid`. */
  readonly locations?: DenseMatrix;
  readonly stream: RandomStream;
}

/** Generated pairs of functions. */
export interface GeneratedOperatorData extends OperatorData {
  /** Functions that were drawn again because their solution blew up. */
  readonly dropped: number;
}

/** Functions sampled and solved together: their grids stay in the cache, and memory does not grow with n. */
const BATCH = 64;

/** Share of functions that may blow up. */
const MOST_DROPPED = 0.5;

/**
 * Draws functions from a space, solves for them and keeps what a network sees: their values at the sensors, locations,
 * and the solutions there. One stream decides the functions, another the locations: the same functions come with any
 * number of locations. Functions whose solution blows up are drawn again.
 *
 * @throws ArgumentError unless functions and pointsPerFunction are integers >= 1 and sensors lie in the interval of the
 *   space, when both or none of pointsPerFunction and locations are given, for locations at which no solution is known,
 *   or for an unknown option
 * @throws DataError when more than half of the functions blow up
 */
export function operatorDataset(options: OperatorDatasetOptions): GeneratedOperatorData {
  checkGivenOptions("operatorDataset", options, [
    "space",
    "operator",
    "sensors",
    "functions",
    "pointsPerFunction",
    "locations",
    "stream",
  ]);
  const { space, operator, functions, pointsPerFunction, locations, stream } = options;
  checkPositiveInteger({ functions });
  if ((pointsPerFunction === undefined) === (locations === undefined))
    throw new ArgumentError(
      `one of pointsPerFunction and locations must be given, got ${locations ? "both" : "none"}`,
    );
  const { grid } = space;
  const sensors = sensorPlaces(options.sensors, grid);
  const d = operator.dimension;
  if (pointsPerFunction !== undefined) checkPositiveInteger({ pointsPerFunction });
  if (locations) {
    checkMatrix("locations", locations);
    if (locations.columns !== d)
      throw new ArgumentError(`locations must have ${d} columns, got ${locations.columns}`);
  }
  const perFunction = locations?.rows ?? pointsPerFunction ?? 1;
  const m = sensors.length;
  const seen = new Float64Array(functions * m);
  const drawn = locations ? locations.values : new Float64Array(functions * perFunction * d);
  const targets = new Float64Array(functions * perFunction);
  const [ofFunctions, ofLocations] = [stream.split("functions"), stream.split("locations")];
  let made = 0;
  let dropped = 0;
  while (made < functions) {
    const values = space.sample(ofFunctions, Math.min(BATCH, functions - made));
    const splines = cubicSplines(grid, values);
    const solutions = operator.solve({ grid, values });
    for (let f = 0; f < solutions.count; f++) {
      if (solutions.valid[f] === 0) {
        dropped += 1;
        continue;
      }
      for (let j = 0; j < m; j++) seen[made * m + j] = splines.value(f, sensors[j]);
      for (let p = 0; p < perFunction; p++) {
        const at = (locations ? p : made * perFunction + p) * d;
        const location = drawn.subarray(at, at + d);
        if (!locations) solutions.draw(ofLocations, location);
        targets[made * perFunction + p] = solutions.value(f, location);
      }
      made += 1;
    }
    if (dropped > BATCH && dropped > MOST_DROPPED * (made + dropped))
      throw new DataError(
        `the solutions of ${dropped} of ${made + dropped} functions blew up; shorten the horizon or take smaller functions`,
      );
  }
  return {
    sensors,
    sensorValues: { rows: functions, columns: m, values: seen },
    locations: locations ?? { rows: functions * perFunction, columns: d, values: drawn },
    targets: { rows: functions, columns: perFunction, values: targets },
    layout: locations ? "grid" : "scattered",
    outputs: 1,
    scaling: undefined,
    dropped,
  };
}

function sensorPlaces(sensors: number | Float64Array, grid: Float64Array): Float64Array {
  const [start, end] = [grid[0], grid[grid.length - 1]];
  if (typeof sensors === "number") {
    checkPositiveInteger({ sensors });
    return evenPoints(sensors, start, end);
  }
  checkFiniteVector("sensors", sensors);
  sensors.forEach((x, j) => {
    if (x < start || x > end)
      throw new ArgumentError(`sensors must be in [${start}, ${end}], got ${x} at index ${j}`);
  });
  return sensors;
}
