import { setImmediate } from "node:timers/promises";

/**
 * Lets others have their turn between two batches of a job, which ends here when it is aborted: statements of a
 * database in memory never give the event loop one.
 *
 * @throws the signal's reason on abort
 */
export async function yieldToEventLoop(signal?: AbortSignal): Promise<void> {
  await setImmediate();
  signal?.throwIfAborted();
}
