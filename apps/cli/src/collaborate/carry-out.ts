import { join } from "node:path";
import { exitStatus, Interrupted } from "../errors.ts";
import type { Host } from "../host.ts";
import { LatestWriter } from "../latest-writer.ts";
import { json, writeAtomically } from "../results.ts";
import { Ticker } from "../spectrum/ticker.ts";
import { writeLines } from "../terminal/output.ts";
import { renderPlot } from "../terminal/plot.ts";
import { stack, tableLines } from "../terminal/report.ts";
import { wrap } from "../terminal/text.ts";
import type { ApartTraining } from "./apart.ts";
import { Ledger } from "./ledger.ts";
import { honestPeers } from "./plan.ts";
import { type CollaborativeRecord, readRecord, trainingsFolder, writeRecord } from "./record.ts";
import { coordinatorKeyFile, keyFile, type Roster, readKey } from "./roster.ts";
import { collaborativeView, progressLine, progressOf } from "./view.ts";
import { shownServer } from "./wire.ts";

/** How a training is carried out and shown. */
export interface Setting {
  readonly server?: string;
  readonly remote: readonly number[];
  readonly html?: string;
  readonly json: boolean;
}

/** Shows a training, and writes the files that were asked for. */
export async function presentTraining(
  { out, err }: Host,
  record: CollaborativeRecord,
  { html: file, json: asJson }: Pick<Setting, "html" | "json">,
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
  const { collaborativePage } = await import("./page.ts");
  await writeAtomically(file, collaborativePage(view));
  writeLines(asJson ? err : out, ["", `Report: ${file}`]);
}

async function train(
  host: Host,
  roster: Roster,
  folder: string,
  ledger: Ledger,
  setting: Setting,
  { changed, note }: Pick<ApartTraining, "changed" | "note">,
): Promise<void> {
  const { plan } = roster;
  if (plan.transport === "in-process") {
    const { trainInProcess } = await import("./in-process.ts");
    const files = Array.from({ length: plan.peers }, (_, node) => keyFile(folder, node));
    const keys = await Promise.all([...files, coordinatorKeyFile(folder)].map(readKey));
    await trainInProcess({ roster, keys, folder, ledger, signal: host.signal, changed });
    return;
  }
  const { trainApart } = await import("./apart.ts");
  const { server, remote } = setting;
  await trainApart({ host, roster, folder, ledger, server, remote, changed, note });
}

/** The words that go on with a training; what opens a server is not written on the screen. */
function resumeWords(id: string, { server, remote }: Setting): string {
  return [
    `collaborate resume ${id}`,
    ...(server === undefined ? [] : [`--server ${shownServer(server)}`]),
    ...(remote.length > 0 ? [`--remote ${remote.join()}`] : []),
  ].join(" ");
}

/** Carries a training out, from where it stands, and shows what it came to. Returns the exit status. */
export async function carryOutTraining(
  host: Host,
  roster: Roster,
  id: string,
  setting: Setting,
): Promise<number> {
  const folder = join(trainingsFolder(host.home), id);
  const ledger = new Ledger(roster.plan, await readRecord(folder));
  const writer = new LatestWriter<CollaborativeRecord>((record) => writeRecord(folder, record));
  let ticker = new Ticker(host.err, `collaborate ${id}`);
  let hasBegun = false;
  const changed = () => {
    const record = ledger.record(false);
    if (!hasBegun && record.nodes.some(({ state }) => state === "training")) {
      hasBegun = true;
      // The time that is left is told from the steps alone, not from the start of the processes.
      ticker.stop();
      ticker = new Ticker(host.err, `collaborate ${id}`);
    }
    ticker.tell(progressOf(record), progressLine(record));
    writer.save(record);
  };
  const note = (line: string) => {
    ticker.stop();
    writeLines(host.err, [line]);
  };
  try {
    await train(host, roster, folder, ledger, setting, { changed, note });
  } catch (error) {
    if (host.signal.aborted && host.signal.reason instanceof Interrupted) {
      ticker.stop();
      writeLines(host.err, ["Interrupted. Resume with:", `  ${host.invocation} ${resumeWords(id, setting)}`]);
      throw host.signal.reason;
    }
    throw error;
  } finally {
    ticker.stop();
    await writer.finish();
  }
  const record = ledger.record(true);
  await writeRecord(folder, record);
  await presentTraining(host, record, setting);
  const finished = ledger.honest().filter(({ state }) => state === "finished").length;
  // As many as a round waits for: the training has come to its end.
  return finished >= honestPeers(roster.plan) - roster.plan.byzantine ? exitStatus.fine : exitStatus.failure;
}
