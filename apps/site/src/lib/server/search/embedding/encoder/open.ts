import { once } from "node:events";
import { startWorker } from "../../../worker.ts";
import type { Encoder } from "../store.ts";

/** What the worker is asked. */
export interface EncodeRequest {
  readonly id: number;
  readonly texts: readonly string[];
}

/** What the worker tells: once that it is ready, then an answer to each request. */
export type WorkerMessage =
  | { readonly dimension: number; readonly hash: string }
  | { readonly id: number; readonly vectors: readonly Float32Array[] }
  | { readonly id: number; readonly error: string };

/** A sentence encoder that runs until it is closed. */
export interface OpenEncoder extends Encoder {
  close(): Promise<void>;
}

/** Texts that are encoded at once: a query does not wait for more than these. */
const BATCH = 8;

/**
 * Opens the sentence encoder of a folder with `model.onnx` and `tokenizer.json`, in a thread of its own.
 *
 * @throws Error when a file is missing or is not what is wanted
 */
export async function openEncoder(folder: string): Promise<OpenEncoder> {
  const worker = startWorker("#lib/server/search/embedding/encoder/encoder.worker.ts", { folder });
  let ready: Extract<WorkerMessage, { hash: string }>;
  try {
    [ready] = await once(worker, "message");
  } catch (error) {
    await worker.terminate();
    throw new Error(
      `the sentence encoder of GRADUS_EMBED_MODEL failed to start: ${error instanceof Error ? error.message : error}`,
    );
  }
  const waiting = new Map<number, PromiseWithResolvers<readonly Float32Array[]>>();
  let ended: Error | undefined;
  let asked = 0;
  const end = (error: Error) => {
    ended = error;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  worker.on("error", end);
  worker.on("exit", () => end(new Error("the sentence encoder has exited")));
  worker.on("message", (message: WorkerMessage) => {
    if (!("id" in message)) return;
    const request = waiting.get(message.id);
    waiting.delete(message.id);
    if ("error" in message) request?.reject(new Error(`the sentence encoder failed: ${message.error}`));
    else request?.resolve(message.vectors);
  });
  const encode = async (texts: readonly string[]): Promise<readonly Float32Array[]> => {
    if (ended) throw ended;
    const answer = Promise.withResolvers<readonly Float32Array[]>();
    const request: EncodeRequest = { id: asked++, texts };
    waiting.set(request.id, answer);
    worker.postMessage(request);
    return answer.promise;
  };
  return {
    name: `sentence encoder ${ready.hash}`,
    dimension: ready.dimension,
    async embedPapers(papers) {
      const vectors: Float32Array[] = [];
      for (let i = 0; i < papers.length; i += BATCH)
        vectors.push(
          ...(await encode(papers.slice(i, i + BATCH).map(({ title, abstract }) => `${title}. ${abstract}`))),
        );
      return vectors;
    },
    async embedQuery(text) {
      try {
        return (await encode([text]))[0];
      } catch (error) {
        // Words and spelling still find papers.
        console.error("gradus: semantic search failed for a query", error);
        return undefined;
      }
    },
    async close() {
      await worker.terminate();
    },
  };
}
