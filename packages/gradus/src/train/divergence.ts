import { ConvergenceError } from "../check/errors.ts";

/** Where training stood when a number stopped being finite. */
export interface DivergencePlace {
  /** From 1. */
  readonly epoch: number;
  /** Of the whole training, from 1. */
  readonly step: number;
  readonly lastFiniteLoss: number | undefined;
}

/** A loss, a parameter or a metric became NaN or infinite. */
export class DivergenceError extends ConvergenceError {
  override name = "DivergenceError";
  readonly epoch: number;
  readonly step: number;
  readonly lastFiniteLoss: number | undefined;

  constructor(message: string, { epoch, step, lastFiniteLoss }: DivergencePlace) {
    super(message);
    this.epoch = epoch;
    this.step = step;
    this.lastFiniteLoss = lastFiniteLoss;
  }
}
