import { type Experiment, type ExperimentEntry, judged, papers, runExperiment } from "@gradus/papers";
import { setDataDirectory } from "gradus/data";
import { browserEnvironment } from "./environment.ts";
import { EventSender } from "./event-sender.ts";
import { Explorations } from "./explorations.ts";
import { failureOf } from "./failure.ts";
import { loadedByWorker } from "./offline.ts";
import type { JudgedAgain, LabMessage, LabRequest, RunRequest } from "./protocol.ts";
import { CheckpointKeeper } from "./store/checkpoint-keeper.ts";
import { readCheckpoint } from "./store/checkpoints.ts";
import { DATA_PATH } from "./test-images.ts";

setDataDirectory(new URL(DATA_PATH, self.location.origin));

const post = (message: LabMessage) => self.postMessage(message);

let stopping: AbortController | undefined;

function entryOf(slug: string, id: string): ExperimentEntry {
  const paper = papers.find((one) => one.slug === slug);
  const entry = paper?.experiments.find((one) => one.id === id);
  if (!entry) throw new Error(`there is no experiment ${id} of ${slug}`);
  return entry;
}

// The graph engine is no part of this file: most experiments do without.
const engine = () => import("@gradus/graph");

/** Loads the code of an experiment; the WebAssembly of its engine waits for the run. */
async function warm(slug: string, id: string): Promise<void> {
  const entry = entryOf(slug, id);
  const script = entry.graph ? engine().then(({ fetchRuntime }) => fetchRuntime()) : undefined;
  await Promise.all([entry.load(), script]);
}

async function startEngine(): Promise<void> {
  const { prepareRuntime } = await engine();
  await prepareRuntime();
}

async function run(request: RunRequest): Promise<void> {
  const controller = new AbortController();
  stopping = controller;
  const { signal } = controller;
  const { paper: slug, profile, seed, set, version } = request;
  const keeper = new CheckpointKeeper(slug, request.experiment, version);
  const sender = new EventSender((events) => post({ kind: "events", events }));
  try {
    const entry = entryOf(slug, request.experiment);
    const loading = entry.load();
    // Beside the experiment's code and data. What cannot be loaded its first program will say.
    if (entry.graph) startEngine().catch(() => undefined);
    const experiment = await loading;
    const resume = request.resume ? await readCheckpoint(slug, experiment.id, version) : undefined;
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
    for (;;) {
      const next = await events.next();
      if (next.done) {
        sender.flush();
        await keeper.discard();
        post({ kind: "report", report: next.value, loaded: loadedByWorker() });
        return;
      }
      if (next.value.kind === "checkpoint") keeper.keep(next.value.checkpoint);
      sender.add(next.value);
    }
  } catch (error) {
    sender.flush();
    await keeper.settled();
    if (signal.aborted) post({ kind: "stopped" });
    else post({ kind: "failed", failure: failureOf(error) });
  }
}

async function judgeAgain(slug: string, id: string, findings: unknown): Promise<JudgedAgain> {
  let experiment: Experiment;
  try {
    experiment = await entryOf(slug, id).load();
  } catch {
    return undefined;
  }
  try {
    return "measure" in experiment ? judged(experiment, findings) : null;
  } catch {
    // They are of a version that found something else.
    return null;
  }
}

const explorations = new Explorations(
  (paper, id) => entryOf(paper, id).load(),
  (id, answer) => post({ kind: "explored", id, answer }),
  failureOf,
);

self.onmessage = ({ data }: MessageEvent<LabRequest>) => {
  if (data.kind === "run") void run(data);
  else if (data.kind === "stop") stopping?.abort();
  else if (data.kind === "judge")
    void judgeAgain(data.paper, data.experiment, data.findings).then((again) =>
      post({ kind: "judged", id: data.id, judged: again }),
    );
  else if (data.kind === "open-exploration") void explorations.open(data);
  else if (data.kind === "explore") void explorations.show(data);
  else if (data.kind === "bring-rows") void explorations.bringRows(data);
  else if (data.kind === "close-exploration") void explorations.close(data.exploration);
  // What it cannot load the run will say.
  else warm(data.paper, data.experiment).catch(() => undefined);
};
