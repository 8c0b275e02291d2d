import { setImmediate } from "node:timers/promises";

/**
 * Lets the server take in requests before an answer, and between two batches of a job: statements on the embedded
 * database alone never give the event loop a turn.
 *
 * @throws the signal's reason on abort
 */
export async function breathe(signal?: AbortSignal): Promise<void> {
  await setImmediate();
  signal?.throwIfAborted();
}
