import type { Values } from "../tree/arrays.ts";
import { firstNotFinite } from "../tree/numbers.ts";
import type { StepState } from "./contract.ts";
import { DivergenceError } from "./divergence.ts";
import type { EpochProgram } from "./epoch-program.ts";
import type { PlannedCall } from "./plan.ts";

export interface EpochsRun<D> {
  readonly data: D;
  readonly calls: readonly PlannedCall[];
  readonly given: Record<string, number>;
  /** Epochs done before. */
  readonly epoch: number;
  /** Of the epochs before, for messages. */
  readonly loss: number | undefined;
}

/**
 * Goes through planned epochs.
 *
 * @returns the state after them, and the mean of the batches' losses weighted by their rows
 * @throws DivergenceError at the first loss that is not finite, or parameter after the last step
 */
export async function runEpochs<P extends Values, D, M extends Values>(
  program: EpochProgram<P, D, M>,
  before: StepState<P, M>,
  { data, calls, given, epoch, loss }: EpochsRun<D>,
): Promise<{ readonly state: StepState<P, M>; readonly loss: number }> {
  let state = before;
  let total = 0;
  let lastFiniteLoss = loss;
  const fail = (what: string, place: { epoch: number; batch: number }, step: number): never => {
    const at = epoch + place.epoch + 1;
    throw new DivergenceError(
      `${what} at epoch ${at}, batch ${place.batch + 1}; the last finite loss was ${lastFiniteLoss ?? "none"}. ` +
        `Is the learning rate too large? (Step ${step} of the training.)`,
      { epoch: at, step, lastFiniteLoss },
    );
  };
  for (const { plan, rows, place } of calls) {
    const { state: next, losses } = await program.run(state, data, plan, given);
    for (let i = 0; i < losses.data.length; i++) {
      const value = Number(losses.data[i]);
      if (!Number.isFinite(value)) fail(`the loss became ${value}`, place(i), state.steps + i + 1);
      lastFiniteLoss = value;
      total += value * rows;
    }
    state = next;
  }
  // A loss is taken before its step, so what the last step did shows in the parameters alone.
  const { parameters, modelState } = state;
  const bad = firstNotFinite({ parameters, modelState });
  const last = calls.at(-1);
  if (bad && last)
    fail(
      `${bad.path} became ${bad.value} in element ${bad.index}`,
      last.place(last.plan.shape[0] - 1),
      state.steps,
    );
  return { state, loss: total / (state.samples - before.samples) };
}
