import { makeFolder } from "../results.ts";
import { Appointment, aborted } from "./appointment.ts";
import { lie } from "./byzantine.ts";
import type { PeerReport } from "./control.ts";
import { digitsNode } from "./digits-node.ts";
import { trainHonest } from "./honest.ts";
import { type Layers, layersOver } from "./layers.ts";
import { peerCheckpointWriter, readPeerCheckpoint } from "./peer-checkpoint.ts";
import { honestPeers } from "./plan.ts";
import type { NodeKey, Roster } from "./roster.ts";
import type { Wire } from "./wire.ts";

export interface PeerProgram {
  readonly roster: Roster;
  readonly key: NodeKey;
  readonly wire: Wire;
  /** Where the peer keeps how far it has come. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly observe?: (event: "ready" | "begun" | PeerReport) => void;
}

async function train(
  { roster: { plan }, key: { node }, folder, observe }: PeerProgram,
  { models, signed }: Layers,
  appointment: Appointment,
  signal: AbortSignal,
): Promise<void> {
  await makeFolder(folder);
  const resume = await readPeerCheckpoint(folder, node);
  const writer = peerCheckpointWriter(folder, node);
  await using problem = await digitsNode(plan, node);
  let holds: (() => void) | undefined;
  try {
    observe?.("ready");
    await appointment.begin(signal);
    observe?.("begun");
    await trainHonest({
      plan,
      problem,
      models,
      rejected: signed.rejected,
      resume,
      signal,
      keep: (checkpoint) => writer.save(checkpoint),
      report(report) {
        // Listening beyond its own end, so that it answers those that come later.
        holds ??= models.subscribe(() => undefined);
        observe?.(report);
        void appointment.tell(report);
      },
    });
    await aborted(signal);
  } finally {
    holds?.();
    await writer.finish();
  }
}

/**
 * Carries out one peer: honest ones train on their own data, the last ones of the plan lie. Resolves when the
 * coordinator ends the training.
 *
 * @throws the signal's reason when it is aborted
 */
export async function runPeer(program: PeerProgram): Promise<void> {
  const { roster, key, wire } = program;
  const { plan } = roster;
  const layers = await layersOver(wire, roster, key);
  const appointment = new Appointment(layers.control, plan.peers);
  const signal = AbortSignal.any([program.signal, appointment.stopped]);
  try {
    if (key.node < honestPeers(plan)) await train(program, layers, appointment, signal);
    else {
      program.observe?.("ready");
      await appointment.begin(signal);
      program.observe?.("begun");
      await lie(plan, layers.models, wire.transport, signal);
    }
  } catch (error) {
    if (appointment.stopped.aborted) return;
    if (!program.signal.aborted)
      await appointment.tell({
        kind: "failed",
        message: error instanceof Error ? error.message : String(error),
      });
    throw error;
  } finally {
    await appointment.close();
    await wire.close();
  }
}
