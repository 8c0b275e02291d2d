import { makeFolders } from "@gradus/database/make-folder";
import { runByzantinePeer } from "./byzantine-peer.ts";
import type { PeerReport } from "./control-messages.ts";
import { digitsProblem } from "./digits-problem.ts";
import { trainHonest } from "./honest-peer.ts";
import { peerCheckpointWriter, readPeerCheckpoint } from "./peer-checkpoint.ts";
import { aborted, PeerHandshake } from "./peer-handshake.ts";
import { honestPeers } from "./plan.ts";
import type { NodeKey, Roster } from "./roster.ts";
import { type TransportLayers, transportLayers } from "./transport-layers.ts";
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
  { models, signed }: TransportLayers,
  handshake: PeerHandshake,
  signal: AbortSignal,
): Promise<void> {
  makeFolders(folder);
  const resume = await readPeerCheckpoint(folder, node);
  const writer = peerCheckpointWriter(folder, node);
  await using problem = await digitsProblem(plan, node);
  let holds: (() => void) | undefined;
  try {
    observe?.("ready");
    await handshake.begin(signal);
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
        void handshake.tell(report);
      },
    });
    await aborted(signal);
  } finally {
    holds?.();
    await writer.finish();
  }
}

/**
 * Runs one peer: honest ones train on their own data, the last ones of the plan are Byzantine. Resolves when the
 * coordinator ends the training.
 *
 * @throws the signal's reason when it is aborted
 */
export async function runPeer(program: PeerProgram): Promise<void> {
  const { roster, key, wire } = program;
  const { plan } = roster;
  const layers = await transportLayers(wire, roster, key);
  const handshake = new PeerHandshake(layers.control, plan.peers);
  const signal = AbortSignal.any([program.signal, handshake.stopped]);
  try {
    if (key.node < honestPeers(plan)) await train(program, layers, handshake, signal);
    else {
      program.observe?.("ready");
      await handshake.begin(signal);
      program.observe?.("begun");
      await runByzantinePeer(plan, layers.models, wire.transport, signal);
    }
  } catch (error) {
    if (handshake.stopped.aborted) return;
    if (!program.signal.aborted)
      await handshake.tell({
        kind: "failed",
        message: error instanceof Error ? error.message : String(error),
      });
    throw error;
  } finally {
    await handshake.close();
    await wire.close();
  }
}
