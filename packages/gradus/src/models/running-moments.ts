import {
  add,
  type BatchMoments,
  type BatchMomentsUse,
  div,
  type ImportedModel,
  maximum,
  mul,
  type Tensor,
} from "@gradus/graph";
import { leftAlone } from "./trainable-parameters.ts";

type Moments = Readonly<Record<string, Tensor>>;

/** The names of the moments that training updates: those that no pattern leaves alone. */
export function updatedMoments(model: ImportedModel, freeze: readonly string[]): readonly string[] {
  const left = leftAlone(model, freeze);
  return model.runningMoments.filter((name) => !left.has(name));
}

/**
 * Stored moments over the batches of a step, as PyTorch has them: m r + (1 - m) b with the momentum m that the file has,
 * where b is the batch's mean, or its variance times n / (n - 1) for n numbers of a channel. A layer that is used twice
 * updates its moments twice. Layers whose moments are not given normalize by what is stored.
 *
 * @param given the stored moments, by name
 */
export function runningMoments(given: Moments): {
  readonly use: BatchMomentsUse;
  readonly next: () => Moments;
} {
  const names = new Map(Object.entries(given).map(([name, tensor]) => [tensor, name]));
  const current: Record<string, Tensor> = { ...given };
  const update = (stored: Tensor, batch: Tensor, momentum: number) => {
    const name = names.get(stored);
    if (name !== undefined) current[name] = add(mul(current[name], momentum), mul(batch, 1 - momentum));
  };
  return {
    use: ({ mean, variance }) =>
      names.has(mean) || names.has(variance)
        ? (batch: BatchMoments) => {
            const others = maximum(add(batch.count, -1), 1);
            update(mean, batch.mean, batch.momentum);
            update(variance, div(mul(batch.variance, batch.count), others), batch.momentum);
          }
        : undefined,
    next: () => current,
  };
}
