import { shown } from "../check/describe.ts";
import { ArgumentError } from "../check/errors.ts";
import { checkFunction, checkOptions } from "../check/options.ts";

const stepOptions = [
  "loss",
  "parameters",
  "modelState",
  "data",
  "optimizer",
  "settings",
  "averaging",
  "threads",
  "runtime",
] as const;

const runOptions = [
  "parameters",
  "modelState",
  "data",
  "settings",
  "epochs",
  "epochsPerIterate",
  "stepsPerIterate",
  "overwrite",
  "seed",
  "batches",
  "evaluation",
  "resume",
  "signal",
] as const;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

/** @throws ArgumentError when a loss, an optimizer, parameters or data are missing or no such thing */
function checkStep(options: unknown, wanted: { readonly optimizer: boolean }): void {
  const { loss, optimizer, parameters, data, averaging } = isObject(options) ? options : {};
  checkFunction({ loss });
  if (averaging !== undefined) checkFunction({ averaging });
  const steps = isObject(optimizer) && typeof optimizer.update === "function" && "init" in optimizer;
  if (wanted.optimizer && typeof optimizer !== "function" && !steps)
    throw new ArgumentError(
      `optimizer must be a gradient transformation, such as sgd({ learningRate: 0.1 }), got ${shown(optimizer)}`,
    );
  for (const [name, tree] of Object.entries({ parameters, data }))
    if (!isObject(tree)) throw new ArgumentError(`${name} must be a tree of arrays, got ${shown(tree)}`);
}

/** @throws ArgumentError naming the option that is unknown, missing or of the wrong kind */
export function checkStepOptions(
  of: string,
  options: unknown,
  more: readonly string[] = [],
  wanted = { optimizer: true },
): void {
  const known = stepOptions.filter((name) => wanted.optimizer || name !== "optimizer");
  checkOptions(of, options, [...new Set([...known, ...more])]);
  checkStep(options, wanted);
}

/** @throws ArgumentError naming the option that is unknown, missing or of the wrong kind */
export function checkTrainerOptions(of: string, options: unknown, more: readonly string[] = []): void {
  checkStepOptions(of, options, ["batchSize", "metrics", "lowMemory", ...more]);
  const { batchSize, lowMemory, metrics } = options as Readonly<Record<string, unknown>>;
  if (metrics !== undefined && !isObject(metrics))
    throw new ArgumentError(`metrics must be an object of functions, got ${shown(metrics)}`);
  const policy = isObject(batchSize) && typeof batchSize.next === "function";
  if (typeof batchSize !== "number" && batchSize !== "full" && !policy)
    throw new ArgumentError(
      `batchSize must be "full", a positive integer or a batch-size policy, got ${shown(batchSize)}`,
    );
  if (lowMemory !== undefined && typeof lowMemory !== "boolean")
    throw new ArgumentError(`lowMemory must be true or false, got ${shown(lowMemory)}`);
  if (lowMemory && policy)
    throw new ArgumentError("lowMemory needs a fixed batchSize, got a batch-size policy");
}

/** @throws ArgumentError naming the option that is unknown */
export function checkRunOptions(of: string, run: unknown): void {
  checkOptions(of, run, runOptions);
  checkRun(of, run);
}

/** @throws ArgumentError naming the option of a run that is of the wrong kind */
function checkRun(of: string, run: unknown): void {
  const { batches, evaluation, overwrite } = isObject(run) ? run : {};
  if (batches !== undefined) checkFunction({ batches });
  if (overwrite !== undefined && typeof overwrite !== "boolean")
    throw new ArgumentError(`overwrite must be true or false, got ${shown(overwrite)}`);
  checkOptions(`${of}: evaluation`, evaluation, ["data", "every", "batchSize"]);
}

/**
 * Checks the options of a training in one call.
 *
 * @throws ArgumentError naming the option that is unknown, missing or of the wrong kind
 */
export function checkTrainOptions(options: unknown): void {
  checkTrainerOptions("train", options, runOptions);
  checkRun("train", options);
  const { metrics, evaluation } = options as Readonly<Record<string, unknown>>;
  if (metrics !== undefined && evaluation === undefined)
    throw new ArgumentError("metrics need evaluation: { data } with the rows on which they are measured");
}
