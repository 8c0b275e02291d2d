import { pacer } from "../iterate/iterate.ts";

/** Heeds a signal, and yields to the event loop when it is time: a page stays alive, and can abort the signal. */
export type Pause = () => Promise<void>;

/** The pauses between pieces of a computation, which reject with the signal's reason once it is aborted. */
export function pauses(signal: AbortSignal | undefined): Pause {
  const pace = pacer();
  return async () => {
    signal?.throwIfAborted();
    await pace();
    signal?.throwIfAborted();
  };
}
