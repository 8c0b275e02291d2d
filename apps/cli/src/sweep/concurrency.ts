import { availableParallelism } from "node:os";
import { UsageError } from "../errors.ts";

const MOST = 256;

/** @throws UsageError when the text is not a whole number from 1 */
export function parseConcurrency(text: string): number {
  const concurrency = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (concurrency >= 1 && concurrency <= MOST) return concurrency;
  throw new UsageError(`--concurrency wants a whole number from 1 to ${MOST}, got "${text}"`);
}

/** Half the cores: a run's engine has threads of its own. */
export function defaultConcurrency(): number {
  return Math.max(1, Math.floor(availableParallelism() / 2));
}
