import { join } from "node:path";
import { exitStatus, Interrupted } from "../errors.ts";
import { homeFolder } from "../files/home-folder.ts";
import { LatestWriter } from "../files/latest-writer.ts";
import type { Host } from "../host.ts";
import { json } from "../results/json.ts";
import { writeAtomically } from "../results/report-files.ts";
import { writeLines } from "../terminal/output.ts";
import { renderPlot } from "../terminal/plot.ts";
import { ProgressBar } from "../terminal/progress-bar.ts";
import { tableLines } from "../terminal/report.ts";
import { stack, wrap } from "../terminal/text.ts";
import type { DistributedTraining } from "./distributed.ts";
import { honestPeers } from "./plan.ts";
import { type CollaborativeRecord, readRecord, writeRecord } from "./record.ts";
import { coordinatorKeyFile, keyFile, type Roster, readKey } from "./roster.ts";
import { TrainingStatus } from "./training-status.ts";
import { collaborativeView, progressLine, progressOf } from "./view.ts";
import { serverWithoutCredentials } from "./wire.ts";

/** Options for running and showing a training. */
export interface TrainingSettings {
  readonly server?: string;
  readonly remote: readonly number[];
  readonly html?: string;
  readonly json: boolean;
}

/** Shows a training, and writes the files that were asked for. */
export async function presentTraining(
  { out, err }: Host,
  record: CollaborativeRecord,
  { html: file, json: asJson }: Pick<TrainingSettings, "html" | "json">,
): Promise<void> {
  const view = collaborativeView(record);
  const { columns: width, palette } = out;
  if (asJson) out.write(json(record));
  else
    writeLines(
      out,
      stack([
        [...wrap(view.title, width).map(palette.strong), ...wrap(view.facts, width).map(palette.muted)],
        [...renderPlot(view.plot, view.data, { width, palette }), ...wrap(view.caption, width)],
        tableLines(view.table, width, palette),
        view.sentences.flatMap((text) => wrap(text, width)),
      ]),
    );
  if (file === undefined) return;
  const { collaborativePage } = await import("./html-page.ts");
  await writeAtomically(file, collaborativePage(view));
  writeLines(asJson ? err : out, ["", `Report: ${file}`]);
}

async function train(
  host: Host,
  roster: Roster,
  folder: string,
  ledger: TrainingStatus,
  setting: TrainingSettings,
  { changed, note }: Pick<DistributedTraining, "changed" | "note">,
): Promise<void> {
  const { plan } = roster;
  if (plan.transport === "in-process") {
    const { trainInProcess } = await import("./in-process.ts");
    const files = Array.from({ length: plan.peers }, (_, node) => keyFile(folder, node));
    const keys = await Promise.all([...files, coordinatorKeyFile(folder)].map(readKey));
    await trainInProcess({ roster, keys, folder, ledger, signal: host.signal, changed });
    return;
  }
  const { trainDistributed } = await import("./distributed.ts");
  const { server, remote } = setting;
  await trainDistributed({ host, roster, folder, ledger, server, remote, changed, note });
}

/** The command that resumes a training, without a server's credentials. */
function resumeArguments(id: string, { server, remote }: TrainingSettings): string {
  return [
    `collaborate resume ${id}`,
    ...(server === undefined ? [] : [`--server ${serverWithoutCredentials(server)}`]),
    ...(remote.length > 0 ? [`--remote ${remote.join()}`] : []),
  ].join(" ");
}

/** Runs a training, from where it stands, and shows what it came to. Returns the exit status. */
export async function runTraining(
  host: Host,
  roster: Roster,
  id: string,
  setting: TrainingSettings,
): Promise<number> {
  const folder = join(homeFolder(host.home, "collaborate"), id);
  const ledger = new TrainingStatus(roster.plan, await readRecord(folder));
  const writer = new LatestWriter<CollaborativeRecord>((record) => writeRecord(folder, record));
  let bar = new ProgressBar(host.err, `collaborate ${id}`);
  let hasBegun = false;
  const changed = () => {
    const record = ledger.record(false);
    if (!hasBegun && record.nodes.some(({ state }) => state === "training")) {
      hasBegun = true;
      // The remaining time is estimated from the steps alone, not from the start of the processes.
      bar.stop();
      bar = new ProgressBar(host.err, `collaborate ${id}`);
    }
    bar.tell(progressOf(record), progressLine(record));
    writer.save(record);
  };
  const note = (line: string) => {
    bar.stop();
    writeLines(host.err, [line]);
  };
  try {
    await train(host, roster, folder, ledger, setting, { changed, note });
  } catch (error) {
    if (host.signal.aborted && host.signal.reason instanceof Interrupted) {
      bar.stop();
      writeLines(host.err, [
        "Interrupted. Resume with:",
        `  ${host.invocation} ${resumeArguments(id, setting)}`,
      ]);
      throw host.signal.reason;
    }
    throw error;
  } finally {
    bar.stop();
    await writer.finish();
  }
  const record = ledger.record(true);
  await writeRecord(folder, record);
  await presentTraining(host, record, setting);
  const finished = ledger.honest().filter(({ state }) => state === "finished").length;
  // As many as a round waits for: the training has come to its end.
  return finished >= honestPeers(roster.plan) - roster.plan.byzantine
    ? exitStatus.success
    : exitStatus.failure;
}
