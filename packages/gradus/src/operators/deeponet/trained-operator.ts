import { type ArrayValue, array, exportOnnx, f32, floatData, loadOnnx } from "@gradus/graph";
import { areFinite, checkFiniteMatrix, checkFiniteVector, checkLength } from "../../check/arrays.ts";
import { ArgumentError, DataError } from "../../check/errors.ts";
import { checkGivenOptions } from "../../check/options.ts";
import { checkMatrix, type DenseMatrix } from "../../linalg/matrix.ts";
import type { AsTensors, Values, ValuesOf } from "../../tree/arrays.ts";
import { firstNotFinite } from "../../tree/numbers.ts";
import { displacedSensor, type OperatorData } from "./operator-data.ts";
import type { OperatorNetwork } from "./operator-network.ts";
import { inOwnUnits } from "./operator-scaling.ts";

/** What a file of an operator says of it beside its inputs and outputs. */
interface Metadata {
  readonly sensors: readonly number[];
  /** The box of the training locations. */
  readonly lower: readonly number[];
  readonly upper: readonly number[];
  readonly outputs: number;
}

/** The key of the file's metadata. */
const KEY = "gradus.operator";

export interface ExportOperatorOptions<P extends ValuesOf<P>> {
  readonly network: OperatorNetwork<P>;
  readonly parameters: P;
  /** The training data: where the sensors stand, the box of the locations, and how they were standardized. */
  readonly data: Pick<OperatorData, "sensors" | "locations" | "scaling">;
  /** What it computes, for people. */
  readonly description?: string;
}

/**
 * A trained operator as an ONNX file, for any runtime: `sensorValues` [functions, m] and `locations` [points, d] give
 * `values` [functions, points], or [functions, points, outputs] where there are several. The branch runs once a function
 * and the trunk once a location. All numbers are in the units of the training data: where these are standardized, the file
 * standardizes what it takes and scales back what it gives. Its metadata say where the sensors stand.
 *
 * @throws DataError when a parameter is not finite, or sensors or locations are not the network's
 * @throws ArgumentError for an unknown option
 */
export function exportOperator<P extends ValuesOf<P>>(
  options: ExportOperatorOptions<P>,
): Uint8Array<ArrayBuffer> {
  checkGivenOptions("exportOperator", options, ["network", "parameters", "data", "description"]);
  const { network, parameters, data, description } = options;
  const { sensors, locations, scaling } = data;
  checkLength("data.sensors", sensors, network.sensors);
  checkFiniteVector("data.sensors", sensors);
  checkMatrix("data.locations", locations);
  const d = network.dimension;
  if (locations.columns !== d)
    throw new DataError(`data.locations must have ${d} columns, got ${locations.columns}`);
  const bad = firstNotFinite({ parameters });
  if (bad)
    throw new DataError(
      `${bad.path} must be finite, got ${bad.value} in element ${bad.index}; export the last finite iterate`,
    );
  const axis = (least: (...values: number[]) => number) =>
    Array.from({ length: d }, (_, j) => {
      let extreme = locations.values[j];
      for (let k = j; k < locations.values.length; k += d) extreme = least(extreme, locations.values[k]);
      return extreme;
    });
  const metadata: Metadata = {
    sensors: Array.from(sensors),
    lower: axis(Math.min),
    upper: axis(Math.max),
    outputs: network.outputs,
  };
  const operator = scaling ? inOwnUnits(network, scaling) : network;
  return exportOnnx(
    (given) => ({
      values: operator.applyGrid(given.parameters as AsTensors<P>, given.sensorValues, given.locations),
    }),
    { sensorValues: f32("functions", network.sensors), locations: f32("points", d) },
    {
      constants: { parameters: parameters as Values },
      description,
      metadata: { [KEY]: JSON.stringify(metadata) },
    },
  );
}

/** Input functions at the sensors, and where the output functions are wanted. */
export interface OperatorQuery {
  /** A function a row, m columns. */
  readonly sensorValues: DenseMatrix;
  /** q x d. */
  readonly locations: DenseMatrix;
  /** Where the functions are known, to be compared with the sensors of the training data. */
  readonly sensors?: Float64Array;
}

/** Output functions. */
export interface OperatorValues {
  /** A function a row; q columns, or q outputs of them with the outputs at a location side by side. */
  readonly values: DenseMatrix;
  /** Rows of the locations outside the box of the training locations: nothing was learned there. */
  readonly outside: Int32Array;
}

/** A trained operator, ready to be evaluated. Holds native memory: dispose of it, or declare it with `using`. */
export interface TrainedOperator extends Disposable {
  /** Where an input function must be known. */
  readonly sensors: Float64Array;
  /** d, the coordinates of a location. */
  readonly dimension: number;
  readonly outputs: number;
  /** The box of the training locations. */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /**
   * Output functions at all locations.
   *
   * @throws DataError when sensors are of another number or place than trained with, or naming a value that is not finite
   * @throws ArgumentError for an unknown option
   */
  evaluate(query: OperatorQuery): Promise<OperatorValues>;
  dispose(): void;
}

function parseMetadata(text: string | undefined): Metadata {
  if (text === undefined)
    throw new DataError(
      `the file must be an operator that exportOperator wrote; its metadata have no key "${KEY}"`,
    );
  return JSON.parse(text) as Metadata;
}

/**
 * Loads an operator from its ONNX file.
 *
 * @throws DataError when the file is no operator
 * @throws UnsupportedError when the bytes are no ONNX model
 */
export async function loadOperator(file: Uint8Array): Promise<TrainedOperator> {
  const model = await loadOnnx(file);
  let metadata: Metadata;
  try {
    metadata = parseMetadata(model.metadata[KEY]);
  } catch (error) {
    model.dispose();
    throw error;
  }
  const { outputs } = metadata;
  const [sensors, lower, upper] = [metadata.sensors, metadata.lower, metadata.upper].map((row) =>
    Float64Array.from(row),
  );
  const d = lower.length;
  return {
    sensors,
    dimension: d,
    outputs,
    lower,
    upper,
    async evaluate(query) {
      checkGivenOptions("evaluate", query, ["sensorValues", "locations", "sensors"]);
      const { sensorValues, locations } = query;
      checkMatrix("sensorValues", sensorValues);
      checkMatrix("locations", locations);
      checkSensors(sensors, sensorValues, query.sensors);
      if (locations.columns !== d)
        throw new DataError(`locations must have ${d} columns, got ${locations.columns}`);
      checkFiniteMatrix("sensorValues", sensorValues.values, sensorValues.columns);
      checkFiniteMatrix("locations", locations.values, d);
      const result = await model.run({
        sensorValues: asInput(sensorValues),
        locations: asInput(locations),
      });
      const values = Float64Array.from(floatData(result.values));
      if (!areFinite(values))
        throw new DataError(
          "the operator's values are not finite; its sensor values or locations are too large",
        );
      return {
        values: { rows: sensorValues.rows, columns: locations.rows * outputs, values },
        outside: outsideOf(locations, lower, upper),
      };
    },
    dispose: () => model.dispose(),
    [Symbol.dispose]: () => model.dispose(),
  };
}

const asInput = ({ rows, columns, values }: DenseMatrix): ArrayValue =>
  array(Float32Array.from(values), [rows, columns]);

function checkSensors(known: Float64Array, { columns }: DenseMatrix, given: Float64Array | undefined): void {
  const advice = "interpolate the functions to the sensors of the operator, its field sensors";
  if (columns !== known.length)
    throw new DataError(`the branch expects ${known.length} sensor values, got ${columns}; ${advice}`);
  if (given === undefined) return;
  if (given.length !== columns)
    throw new ArgumentError(
      `sensors must have ${columns} numbers, one a column of sensorValues, got ${given.length}`,
    );
  const j = displacedSensor(known, given);
  if (j >= 0)
    throw new DataError(`sensors[${j}] must be ${known[j]}, as in training, got ${given[j]}; ${advice}`);
}

/** Rows beyond the box by more than float32 rounding. */
function outsideOf(
  { rows, columns, values }: DenseMatrix,
  lower: Float64Array,
  upper: Float64Array,
): Int32Array {
  const outside: number[] = [];
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) {
      const slack = 1e-6 * (upper[j] - lower[j]);
      const x = values[i * columns + j];
      if (x >= lower[j] - slack && x <= upper[j] + slack) continue;
      outside.push(i);
      break;
    }
  return Int32Array.from(outside);
}
