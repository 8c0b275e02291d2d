import { availableParallelism } from "node:os";

/** Half the cores: a run's engine has threads of its own. */
export function defaultConcurrency(): number {
  return Math.max(1, Math.floor(availableParallelism() / 2));
}
