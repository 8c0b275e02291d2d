import { once } from "node:events";
import { startWorker } from "../../worker.ts";

/** What the worker is sent: lexemes of papers, any number of times, then the order to fit. */
export type FitRequest = { readonly words: readonly string[] } | { readonly seed: number };

/**
 * Fits latent semantic analysis in a thread of its own, so that the server goes on answering: to batches of papers'
 * lexemes, each as the database prints a `tsvector`. Returns the model's bytes.
 *
 * @throws ArgumentError when no paper has a lexeme
 * @throws the signal's reason on abort
 */
export async function fitInThread(
  batches: AsyncIterable<readonly string[]>,
  { seed, signal }: { readonly seed: number; readonly signal?: AbortSignal },
): Promise<Uint8Array> {
  const worker = startWorker("#lib/server/search/embedding/fit.worker.ts");
  const send = (request: FitRequest) => worker.postMessage(request);
  // An error of the worker rejects this, also before it is waited for.
  const answer = once(worker, "message", { signal });
  answer.catch(() => undefined);
  try {
    for await (const words of batches) send({ words });
    send({ seed });
    const [state]: Uint8Array[] = await answer;
    return state;
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    await worker.terminate();
  }
}
