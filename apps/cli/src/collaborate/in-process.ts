import { inProcessNetwork } from "gradus/collaborative";
import { runByzantinePeer } from "./byzantine-peer.ts";
import { digitsProblem } from "./digits-problem.ts";
import { trainHonest } from "./honest-peer.ts";
import { peerCheckpointWriter, readPeerCheckpoint } from "./peer-checkpoint.ts";
import { honestPeers } from "./plan.ts";
import type { NodeKey, Roster } from "./roster.ts";
import type { TrainingStatus } from "./training-status.ts";
import { transportLayers } from "./transport-layers.ts";
import { MOST_BYTES } from "./wire.ts";

export interface InProcessTraining {
  readonly roster: Roster;
  readonly keys: readonly NodeKey[];
  readonly folder: string;
  readonly ledger: TrainingStatus;
  readonly signal: AbortSignal;
  readonly changed: () => void;
}

/** Runs all peers within this process: the same peers over the same layers, without a server. */
export async function trainInProcess({
  roster,
  keys,
  folder,
  ledger,
  signal,
  changed,
}: InProcessTraining): Promise<void> {
  const { plan } = roster;
  const network = inProcessNetwork({ nodes: plan.peers });
  const over = new AbortController();
  const both = AbortSignal.any([signal, over.signal]);
  const wires = keys.slice(0, plan.peers).map(({ node }) => ({
    transport: network.connect(node),
    limit: MOST_BYTES,
    close: async () => undefined,
  }));
  const layers = await Promise.all(wires.map((wire, node) => transportLayers(wire, roster, keys[node])));

  async function honest(node: number): Promise<void> {
    await using problem = await digitsProblem(plan, node);
    const writer = peerCheckpointWriter(folder, node);
    try {
      await trainHonest({
        plan,
        problem,
        models: layers[node].models,
        rejected: layers[node].signed.rejected,
        resume: await readPeerCheckpoint(folder, node),
        signal: both,
        keep: (checkpoint) => writer.save(checkpoint),
        report(report) {
          ledger.enter(node, report);
          changed();
        },
      });
    } finally {
      await writer.finish();
    }
  }

  const count = honestPeers(plan);
  for (let node = 0; node < plan.peers; node++) ledger.set(node, "training");
  changed();
  const byzantine = wires.slice(count).map(async (wire, k) => {
    await runByzantinePeer(plan, layers[count + k].models, wire.transport, both).catch((error: unknown) => {
      if (!both.aborted) throw error;
    });
  });
  const trained = Promise.all(Array.from({ length: count }, (_, node) => honest(node)));
  try {
    await Promise.race([trained, Promise.all(byzantine).then(() => trained)]);
  } finally {
    over.abort(new Error("the honest peers have finished"));
    // All have ended before the folder is anyone else's.
    await Promise.allSettled([trained, ...byzantine]);
  }
}
