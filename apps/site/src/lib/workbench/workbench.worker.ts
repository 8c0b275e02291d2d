import { failureOf } from "#lib/lab/failure.ts";
import { loadedByWorker } from "#lib/lab/offline.ts";
import { pageWords } from "./page-words.ts";
import type { TaskMessage, TaskRequest } from "./protocol.ts";
import { ModelSession } from "./session/model-session.ts";
import { countWasmMemories, wasmBytes } from "./wasm-memory.ts";

// Before the engine makes its own, at the first program.
countWasmMemories();

const session = new ModelSession();
/** Of the tasks under way, by id. */
const stopping = new Map<number, AbortController>();

const post = (message: TaskMessage) => self.postMessage(message);

type Doing = Exclude<TaskRequest, { kind: "stop" }>;

async function answerTo(request: Doing, signal: AbortSignal): Promise<unknown> {
  const report = (progress: unknown) =>
    post({ kind: "progress", id: request.id, progress, memory: wasmBytes() });
  switch (request.kind) {
    case "open":
      return session.open(request.given, report);
    case "inputs":
      return session.inputs(request.given);
    case "output":
      return session.output(request.given);
    case "histogram":
      return session.histogram(request.given);
    case "rows":
      return session.rows(request.given);
    case "predict":
      return session.predict(request.given);
    case "tune":
      return session.tune(request.given, { signal, report });
    case "spectrum":
      return session.spectrum(request.given, { signal, report });
    case "explain":
      return session.explain(request.given, signal);
    case "file":
      return session.file();
    case "reset":
      return session.reset();
  }
}

async function perform(request: Doing): Promise<void> {
  const { id } = request;
  const controller = new AbortController();
  stopping.set(id, controller);
  try {
    const answer = await answerTo(request, controller.signal);
    post({ kind: "done", id, answer, memory: wasmBytes(), loaded: loadedByWorker() });
  } catch (error) {
    if (controller.signal.aborted) post({ kind: "stopped", id });
    else {
      const failure = failureOf(error);
      post({ kind: "failed", id, failure: { ...failure, message: pageWords(failure.message) } });
    }
  } finally {
    stopping.delete(id);
  }
}

/** Tasks wait for those before them: they share the model. A row is run at once, while the model is tuned too. */
let last: Promise<void> = Promise.resolve();

self.onmessage = ({ data }: MessageEvent<TaskRequest>) => {
  if (data.kind === "stop") stopping.get(data.id)?.abort();
  else if (data.kind === "predict") void perform(data);
  else last = last.then(() => perform(data));
};
