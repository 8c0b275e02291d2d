import { papers, runExperiment } from "@gradus/papers";
import { EventBatch } from "./batch.ts";
import { browserEnvironment } from "./environment.ts";
import type { LabFailure, LabMessage, LabRequest, RunRequest } from "./protocol.ts";
import { CheckpointKeeper } from "./store/checkpoint-keeper.ts";
import { readCheckpoint } from "./store/checkpoints.ts";

/** Milliseconds between two messages to the page. */
const BATCH_MILLISECONDS = 50;

const post = (message: LabMessage) => self.postMessage(message);

let stopping: AbortController | undefined;

function failure(error: unknown): LabFailure {
  if (!(error instanceof Error)) return { name: "Error", message: String(error), details: String(error) };
  return {
    name: error.name,
    message: error.message,
    parameter: "parameter" in error && typeof error.parameter === "string" ? error.parameter : undefined,
    details: error.stack ?? `${error.name}: ${error.message}`,
  };
}

function loaded(): string[] {
  const own = [self.location.href, ...performance.getEntriesByType("resource").map(({ name }) => name)];
  return own.filter((address) => address.startsWith(self.location.origin));
}

async function run(request: RunRequest): Promise<void> {
  const controller = new AbortController();
  stopping = controller;
  const { signal } = controller;
  const { paper: slug, profile, seed, set, version } = request;
  const keeper = new CheckpointKeeper(slug, request.experiment, version);
  try {
    const paper = papers.find((one) => one.slug === slug);
    const entry = paper?.experiments.find(({ id }) => id === request.experiment);
    if (!entry) throw new Error(`there is no experiment ${request.experiment} of ${slug}`);
    const experiment = await entry.load();
    const resume = request.resume ? await readCheckpoint(slug, entry.id, version) : undefined;
    const environment = browserEnvironment(navigator);
    const events = runExperiment(experiment, {
      paper: slug,
      profile,
      seed,
      set,
      signal,
      resume,
      environment,
    });
    const batch = new EventBatch();
    let sent = performance.now();
    const send = () => {
      const gathered = batch.take();
      if (gathered.length > 0) post({ kind: "events", events: gathered });
      sent = performance.now();
    };
    for (;;) {
      const next = await events.next();
      if (next.done) {
        send();
        await keeper.discard();
        post({ kind: "report", report: next.value, loaded: loaded() });
        return;
      }
      if (next.value.kind === "checkpoint") keeper.keep(next.value.checkpoint);
      batch.add(next.value);
      if (performance.now() - sent >= BATCH_MILLISECONDS) send();
    }
  } catch (error) {
    await keeper.settled();
    if (signal.aborted) post({ kind: "stopped" });
    else post({ kind: "failed", failure: failure(error) });
  }
}

self.onmessage = ({ data }: MessageEvent<LabRequest>) => {
  if (data.kind === "run") void run(data);
  else stopping?.abort();
};
