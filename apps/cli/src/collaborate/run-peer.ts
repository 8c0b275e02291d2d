import { randomUUID } from "node:crypto";
import type { Transport } from "gradus";
import { makeFolder } from "../results.ts";
import { lie } from "./byzantine.ts";
import { encode, hearCoordinator, type PeerReport, type Upward } from "./control.ts";
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

/** The coordinator has ended the training. */
class Stopped extends Error {
  override name = "Stopped";
}

/** Ready, told so, and told to begin; what the coordinator says from then on aborts `stopped`. */
class Appointment {
  readonly #nonce = randomUUID();
  readonly #begin = Promise.withResolvers<void>();
  readonly #stop = new AbortController();
  readonly #end: () => void;
  readonly #control: Transport;
  readonly #coordinator: number;
  #isReady = false;
  #report: Upward | undefined;

  constructor(control: Transport, coordinator: number) {
    this.#control = control;
    this.#coordinator = coordinator;
    this.#end = hearCoordinator(control, coordinator, (message) => {
      if (message.kind === "who") this.#announce();
      else if (message.nonce !== this.#nonce) return;
      else if (message.kind === "go") this.#begin.resolve();
      else this.#stop.abort(new Stopped("the coordinator has ended the training"));
    });
  }

  get stopped(): AbortSignal {
    return this.#stop.signal;
  }

  #announce(): void {
    if (this.#isReady) void this.#say({ kind: "ready", nonce: this.#nonce });
    // A coordinator that was started again knows nothing of it.
    if (this.#report) void this.#say(this.#report);
  }

  /** Tells the coordinator something, and again when it asks who is there. */
  tell(message: Upward): Promise<void> {
    this.#report = message;
    return this.#say(message);
  }

  /** Where the coordinator cannot be reached, nobody is told. */
  async #say(message: Upward): Promise<void> {
    await Promise.resolve(this.#control.send(this.#coordinator, encode(message))).catch(() => undefined);
  }

  /** @throws the signal's reason when it is aborted before the coordinator says go */
  async begin(signal: AbortSignal): Promise<void> {
    this.#isReady = true;
    this.#announce();
    await Promise.race([this.#begin.promise, aborted(signal)]);
  }

  close(): void {
    this.#end();
  }
}

/** @throws the signal's reason, and never resolves */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
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
    appointment.close();
    await wire.close();
  }
}
