import { quote } from "../command-line/arguments.ts";
import type { Host } from "../host.ts";
import { wrap } from "../terminal/text.ts";
import { Coordinator } from "./coordinator.ts";
import { PeerProcesses } from "./peer-processes.ts";
import { ProcessHub } from "./process-wire.ts";
import { coordinatorKeyFile, keyFile, type Roster, readKey, rosterFile } from "./roster.ts";
import type { TrainingStatus } from "./training-status.ts";
import { serverWithoutCredentials, type Wire } from "./wire.ts";

export interface DistributedTraining {
  readonly host: Host;
  readonly roster: Roster;
  readonly folder: string;
  readonly ledger: TrainingStatus;
  readonly server?: string;
  /** Peers that are started elsewhere. */
  readonly remote: readonly number[];
  readonly changed: () => void;
  /** Shows a line that stays. */
  readonly note: (line: string) => void;
}

async function openWire({ roster: { plan }, server, note }: DistributedTraining): Promise<Wire> {
  if (plan.transport === "process") return new ProcessHub(plan.peers);
  const { natsWire } = await import("./nats-wire.ts");
  return natsWire(server ?? "", plan, plan.peers, note);
}

function tellRemote({ host, folder, server, remote, note }: DistributedTraining): void {
  if (remote.length === 0 || server === undefined) return;
  const commands = remote.map(
    (node) =>
      `  ${host.invocation} collaborate peer ${quote(rosterFile(folder))} --key ${quote(keyFile(folder, node))} --server ${serverWithoutCredentials(server)}`,
  );
  note(
    "Waiting for remote peers. Copy the roster and the peer's key to each machine over a private channel, then start it:",
  );
  commands.forEach(note);
}

/** Runs a training with one process per peer, here or elsewhere, and brings them together. */
export async function trainDistributed(training: DistributedTraining): Promise<void> {
  const { host, roster, folder, ledger, server, remote, changed, note } = training;
  const wire = await openWire(training);
  const coordinator = new Coordinator({
    roster,
    key: await readKey(coordinatorKeyFile(folder)),
    wire,
    ledger,
    signal: host.signal,
    changed,
    failed: (node, message) => note(`peer ${node} failed: ${message.split("\n")[0]}`),
  });
  const children = new PeerProcesses({
    folder,
    server,
    started(node, child) {
      if (wire instanceof ProcessHub) wire.join(node, child);
      note(`peer ${node}: process ${child.pid}`);
    },
    noticed: (notice) => wrap(notice, host.err.columns).forEach(note),
    ended: (node) => coordinator.left(node),
    crashed(node, how, again) {
      note(`peer ${node} ended (${how})${again ? "; starting it again" : ""}`);
      if (!again) coordinator.giveUp(node, how);
      else {
        ledger.restarted(node);
        ledger.set(node, "waiting");
      }
      changed();
    },
  });
  try {
    await coordinator.open();
    for (let node = 0; node < roster.plan.peers; node++) if (!remote.includes(node)) children.start(node);
    tellRemote(training);
    changed();
    await coordinator.finish();
  } finally {
    children.expectEnds();
    const unheard = (await coordinator.stop()).filter((node) => remote.includes(node));
    if (unheard.length > 0)
      note(
        `Could not notify these peers that the training is over; stop them with Ctrl-C: ${unheard.map((node) => `peer ${node}`).join(", ")}`,
      );
    await children.end();
    await wire.close();
  }
}
