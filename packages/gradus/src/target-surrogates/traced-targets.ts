import {
  type ArrayValue,
  array,
  type CompileOptions,
  compile,
  type FloatType,
  floatData,
  jvp,
  type Program,
  type Tensor,
  type Tree,
  vjp,
} from "@gradus/graph";
import { ArgumentError, DataError } from "../check/errors.ts";
import { checkGivenOptions } from "../check/options.ts";
import { type AsTensors, flattenArrays, type ValuesOf } from "../tree/arrays.ts";
import { parameterLayout } from "../tree/parameter-layout.ts";
import { rowCount, takeRows } from "../tree/rows.ts";
import { dataSpecs, parameterType, treeSpecs } from "../tree/signature.ts";
import type { TargetMap, TargetModel } from "./contract.ts";

export interface TracedTargetsOptions<P extends ValuesOf<P>, D extends ValuesOf<D>> extends CompileOptions {
  /** f, from parameters and a batch to a tensor [rows, outputs]. */
  readonly model: (parameters: AsTensors<P>, inputs: AsTensors<D>) => Tensor;
  /** Parameters, all f32 or all f64: their shapes define the program, their values are a starting point. */
  readonly parameters: P;
  /** Arrays with one row per example, for the signature; any number of rows. */
  readonly inputs: D;
}

/** A traced model, compiled for batches of any number of rows. Holds native memory: declare it with `using`. */
export interface TracedTargets<P extends ValuesOf<P>, D extends ValuesOf<D>> extends Disposable {
  readonly dimension: number;
  readonly outputs: number;
  /** The given parameters as one vector theta. */
  readonly theta: Float64Array;
  /** A vector as a tree of parameters. */
  parameters(theta: Float64Array): P;
  /** f(theta) on all rows of the inputs, rows x outputs, not counted as a call. */
  targets(theta: Float64Array, inputs: D): Promise<Float64Array>;
  /** The model on the given data. */
  on(inputs: D): TargetModel;
  dispose(): void;
}

/** @throws DataError naming the array, row and column of a number that is not finite */
function checkFinite(inputs: unknown): void {
  const { leaves, paths } = flattenArrays(inputs);
  leaves.forEach(({ data, shape }, k) => {
    if (!(data instanceof Float64Array || data instanceof Float32Array)) return;
    const wrong = data.findIndex((value: number) => !Number.isFinite(value));
    const width = data.length / shape[0];
    if (wrong >= 0)
      throw new DataError(
        `inputs${paths[k] && `.${paths[k]}`} must be finite, got ${data[wrong]} in row ${Math.floor(wrong / width)}, column ${wrong % width}`,
      );
  });
}

/** The values in float64; results of a run belong to the caller and need no copy. */
function doubles(value: ArrayValue): Float64Array {
  const data = floatData(value);
  return data instanceof Float64Array ? data : new Float64Array(data);
}
const cotangentArray = (values: Float64Array, outputs: number, dtype: FloatType): ArrayValue =>
  array(dtype === "f64" ? values : new Float32Array(values), [values.length / outputs, outputs]);

/**
 * Compiles a traced model f(parameters, inputs) -> [rows, outputs] for target surrogates: one program for its values,
 * one for J^T w and one for J v, each compiled on first use, for batches of any number of rows.
 *
 *     using model = await tracedTargets({ model: (p, x) => network.apply(p, x), parameters, inputs: x });
 *     const problem = targetProblem(model.on(x), targetLoss(logisticLoss, signs), { batchSize: 64 });
 *     const method = sso(problem, model.theta, { innerSteps: 10 }); // model.parameters(theta): the tree again
 *
 * @throws ArgumentError when the model does not return [rows, outputs] or parameters are not of one floating-point type
 * @throws DataError when the arrays of the inputs have different numbers of rows
 * @throws ShapeError when tracing fails
 */
export async function tracedTargets<P extends ValuesOf<P>, D extends ValuesOf<D>>(
  options: TracedTargetsOptions<P, D>,
): Promise<TracedTargets<P, D>> {
  checkGivenOptions("tracedTargets", options, ["model", "parameters", "inputs", "threads", "runtime"]);
  const { model, parameters, inputs, ...compileOptions } = options;
  const dtype = parameterType(parameters);
  const packed = parameterLayout(parameters);
  rowCount(inputs, "inputs");
  const specs = { parameters: treeSpecs(parameters), inputs: dataSpecs(inputs) };
  const apply = (p: Tree<Tensor>, x: Tree<Tensor>) => model(p as AsTensors<P>, x as AsTensors<D>);
  let outputs = 0;
  const values = await compile(
    ({ parameters: p, inputs: x }) => {
      const z = apply(p, x);
      const [rows, q] = z.shape;
      if (z.shape.length !== 2 || rows !== "rows" || typeof q !== "number" || z.dtype !== dtype)
        throw new ArgumentError(
          `model must return ${dtype}[rows, outputs], got ${z.dtype}[${z.shape.join(", ")}]`,
        );
      outputs = q;
      return z;
    },
    specs,
    compileOptions,
  );

  const compilePullback = () =>
    compile(
      ({ parameters: p, inputs: x, cotangents }) =>
        vjp((variable: Tree<Tensor>) => apply(variable, x), p).pullback(cotangents),
      { ...specs, cotangents: { dtype, shape: ["rows", outputs] } },
      compileOptions,
    );
  const compilePushforward = () =>
    compile(
      ({ parameters: p, inputs: x, tangents }) =>
        jvp((variable: Tree<Tensor>) => apply(variable, x), p, tangents).tangent,
      { ...specs, tangents: specs.parameters },
      compileOptions,
    );
  let pullbackProgram: ReturnType<typeof compilePullback> | undefined;
  let pushforwardProgram: ReturnType<typeof compilePushforward> | undefined;

  const targetsOf = async (theta: Float64Array, batch: D) =>
    doubles((await values.run({ parameters: packed.unpack(theta), inputs: batch })) as ArrayValue);
  const mapOn = (batch: D, rows: number): TargetMap => ({
    dimension: packed.dimension,
    rows,
    outputs,
    targets: (theta) => targetsOf(theta, batch),
    async pullback(theta, cotangents) {
      pullbackProgram ??= compilePullback();
      const program = await pullbackProgram;
      const gradient = await program.run({
        parameters: packed.unpack(theta),
        inputs: batch,
        cotangents: cotangentArray(cotangents, outputs, dtype),
      });
      return packed.pack(gradient as P); // the structure is that of the parameters
    },
    async pushforward(theta, tangent) {
      pushforwardProgram ??= compilePushforward();
      const program = await pushforwardProgram;
      const result = await program.run({
        parameters: packed.unpack(theta),
        inputs: batch,
        tangents: packed.unpack(tangent),
      });
      return doubles(result as ArrayValue);
    },
  });
  const dispose = () => {
    const programs: (Program<never, unknown> | undefined | Promise<Program<never, unknown>>)[] = [
      values,
      pullbackProgram,
      pushforwardProgram,
    ];
    for (const program of programs) void Promise.resolve(program).then((loaded) => loaded?.dispose());
  };
  return {
    dimension: packed.dimension,
    outputs,
    theta: packed.pack(parameters),
    parameters: (theta) => packed.unpack(theta),
    targets: targetsOf,
    on(data) {
      const rows = rowCount(data, "inputs");
      checkFinite(data);
      const all = mapOn(data, rows);
      return {
        dimension: packed.dimension,
        rows,
        outputs,
        on(batch) {
          if (batch === undefined) return all;
          if (batch.length === 0) throw new ArgumentError("rows must have at least one row, got none");
          return mapOn(takeRows(data, batch), batch.length);
        },
      };
    },
    dispose,
    [Symbol.dispose]: dispose,
  };
}
