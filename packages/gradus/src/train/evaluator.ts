import { type CompileOptions, compile, isTensor, item, type Tensor } from "@gradus/graph";
import { ArgumentError } from "../check/errors.ts";
import { checkPositiveInteger } from "../check/numbers.ts";
import { checkFunction, checkGivenOptions } from "../check/options.ts";
import { pacer } from "../iterate/iterate.ts";
import type { AsTensors, Values, ValuesOf } from "../tree/arrays.ts";
import { rowCount, rowRange } from "../tree/rows.ts";
import { dataSpecs, parameterType, treeSpecs } from "../tree/signature.ts";
import type { EvaluationMetric } from "./contract.ts";
import type { Settings } from "./settings.ts";
import { settingSpecs, settingValues } from "./settings.ts";

export interface EvaluatorOptions<P, D, M, H> extends CompileOptions {
  readonly metrics: Readonly<Record<string, EvaluationMetric<P, D, M, H>>>;
  /** Structure, shapes and types; the numbers do not matter. */
  readonly parameters: P;
  readonly modelState?: M;
  /** Structure, types and shapes of the rows. */
  readonly data: D;
  readonly settings?: H;
}

/** What is evaluated, on which rows. */
export interface EvaluationInput<P, D, M, H> {
  readonly parameters: P;
  readonly modelState?: M;
  readonly data: D;
  readonly settings?: Partial<H>;
  /** Rows in one call; the last one may have fewer. All when left out. */
  readonly batchSize?: number;
  /** Ends the evaluation with the signal's reason, between two calls. */
  readonly signal?: AbortSignal;
}

/** Metrics compiled once, for any parameters and any number of rows. Dispose of it, or declare it with `using`. */
export interface Evaluator<P, D, M, H> extends Disposable {
  /**
   * The metrics over all rows: each is measured on batches, and its mean is weighted by their rows.
   *
   * @throws ArgumentError unless batchSize is an integer >= 1
   * @throws the signal's reason when it is aborted
   */
  evaluate(input: EvaluationInput<P, D, M, H>): Promise<Record<string, number>>;
  dispose(): void;
}

/**
 * Compiles metrics of a model: each is a scalar in the graph, the mean of something over the rows of a batch.
 *
 * @throws ArgumentError when a metric is no scalar
 * @throws DataError naming the array whose rows differ in number
 */
export async function compileEvaluator<
  P extends ValuesOf<P>,
  D extends ValuesOf<D>,
  M extends ValuesOf<M> = Record<string, never>,
  H extends Settings = Record<string, never>,
>(options: EvaluatorOptions<P, D, M, H>): Promise<Evaluator<P, D, M, H>> {
  checkGivenOptions("compileEvaluator", options, [
    "metrics",
    "parameters",
    "modelState",
    "data",
    "settings",
    "threads",
    "runtime",
  ]);
  const { metrics, parameters, modelState, data, settings, threads, runtime } = options;
  checkFunction(Object.fromEntries(Object.entries(metrics).map(([name, f]) => [`metrics.${name}`, f])));
  rowCount(data);
  const state: Values = modelState ?? {};
  const names = Object.keys(metrics);
  if (names.length === 0) throw new ArgumentError("metrics must have at least one metric, got none");
  const program = await compile(
    (inputs) =>
      names.map((name): Tensor => {
        const value = metrics[name](inputs.parameters as AsTensors<P>, inputs.data as AsTensors<D>, {
          modelState: inputs.state as AsTensors<M>,
          settings: inputs.given as { [K in keyof H]: Tensor },
        });
        if (!isTensor(value) || value.shape.length > 0)
          throw new ArgumentError(`metrics.${name} must be a scalar, got [${value.shape.join(", ")}]`);
        return value;
      }),
    {
      parameters: treeSpecs(parameters),
      state: treeSpecs(state),
      data: dataSpecs(data),
      given: settingSpecs(settings ?? {}, parameterType(parameters)),
    },
    { threads, runtime },
  );
  const dispose = () => program.dispose();
  return {
    async evaluate({ batchSize, settings: changed, signal, ...input }) {
      const rows = rowCount(input.data, "evaluation.data");
      const size = batchSize ?? rows;
      checkPositiveInteger({ "evaluation.batchSize": size });
      const given = settingValues(settings ?? {}, changed);
      const totals = new Float64Array(names.length);
      const pace = pacer();
      for (let from = 0; from < rows; from += size) {
        await pace();
        signal?.throwIfAborted();
        const to = Math.min(from + size, rows);
        const batch = size >= rows ? input.data : rowRange(input.data, from, to);
        const values = await program.run({
          parameters: input.parameters,
          state: input.modelState ?? state,
          data: batch,
          given,
        });
        values.forEach((value, k) => {
          totals[k] += (to - from) * item(value);
        });
      }
      return Object.fromEntries(names.map((name, k) => [name, totals[k] / rows]));
    },
    dispose,
    [Symbol.dispose]: dispose,
  };
}
