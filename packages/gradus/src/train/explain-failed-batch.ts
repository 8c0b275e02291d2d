import { type ArrayValue, compile, floatData, isTensor, type Tensor } from "@gradus/graph";
import { DataError, MissingClassError } from "../check/errors.ts";
import { type LabelCheck, labelChecksOf } from "../losses/label-checks.ts";
import { type AsTensors, flattenArrays, type ValuesOf } from "../tree/arrays.ts";
import { dataSpecs, parameterType, treeSpecs } from "../tree/signature.ts";
import type { StepOptions, StepState } from "./contract.ts";
import { type Settings, settingSpecs, settingValues } from "./settings.ts";

/** @throws DataError naming array, row and column of the first number that is not finite */
function checkFiniteData(data: unknown, name = "data"): void {
  const { leaves, paths } = flattenArrays(data);
  for (const [k, { data: numbers, shape }] of leaves.entries()) {
    if (!(numbers instanceof Float32Array || numbers instanceof Float64Array)) continue;
    const at = numbers.findIndex((value: number) => !Number.isFinite(value));
    if (at < 0) continue;
    const width = numbers.length / shape[0];
    throw new DataError(
      `${name}${paths[k] && `.${paths[k]}`} must be finite, got ${numbers[at]} in row ${Math.floor(at / width)}, column ${at % width}`,
    );
  }
}

/** Labels as numbers, where a row has one. */
function labelNumbers(labels: ArrayValue): ArrayLike<number> | undefined {
  if (labels.data.length !== labels.shape[0]) return undefined;
  return labels.data instanceof BigInt64Array ? Array.from(labels.data, Number) : floatData(labels);
}

/** Where a batch stands that failed, and its rows. */
export interface FailedBatch<P, D, M, H> {
  readonly state: StepState<P, M>;
  readonly data: D;
  readonly batch: D;
  readonly settings?: Partial<H>;
  /** Such as "epoch 1, batch 3". */
  readonly place: string;
}

/**
 * Looks, after a loss was not finite or an index out of range, for data that make it so: numbers that are not finite,
 * labels that the loss is not defined for, classes that the batch lacks.
 *
 * @throws DataError, MissingClassError naming the row of the data, or what the batch lacks
 */
export async function explainFailedBatch<
  P extends ValuesOf<P>,
  D extends ValuesOf<D>,
  M extends ValuesOf<M>,
  H extends Settings,
>(
  { loss, parameters: like, modelState, data: example, settings = {} as H, runtime }: StepOptions<P, D, M, H>,
  { state, data, batch, settings: changed, place }: FailedBatch<P, D, M, H>,
): Promise<void> {
  checkFiniteData(data);
  let checks: readonly LabelCheck[] = [];
  using program = await compile(
    ({ parameters, modelState, batch, given }) => {
      checks = labelChecksOf(() => {
        const result = loss(parameters as AsTensors<P>, batch as AsTensors<D>, {
          modelState: modelState as AsTensors<M>,
          settings: given as { [K in keyof H]: Tensor },
        });
        return isTensor(result);
      });
      return checks.map(({ labels }) => labels);
    },
    {
      parameters: treeSpecs(like),
      modelState: treeSpecs(modelState ?? {}),
      batch: dataSpecs(example),
      given: settingSpecs(settings, parameterType(like)),
    },
    { threads: 1, runtime },
  );
  if (checks.length === 0) return;
  const labelsOf = (rows: D) =>
    program.run({
      parameters: state.parameters,
      modelState: state.modelState,
      batch: rows,
      given: settingValues(settings, changed),
    });
  const [all, own] = [await labelsOf(data), await labelsOf(batch)];
  checks.forEach(({ check, together }, k) => {
    const labels = labelNumbers(together ? own[k] : all[k]);
    if (!labels) return;
    try {
      check(labels);
    } catch (error) {
      if (error instanceof MissingClassError) throw new MissingClassError(`${error.message}: ${place}`);
      throw error;
    }
  });
}
