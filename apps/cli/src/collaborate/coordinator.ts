import { setTimeout as delay } from "node:timers/promises";
import { GradusError } from "gradus/check";
import type { Transport } from "gradus/collaborative";
import { encode, hearPeers, type PeerReport, type Upward } from "./control-messages.ts";
import type { NodeKey, Roster } from "./roster.ts";
import type { TrainingStatus } from "./training-status.ts";
import { transportLayers } from "./transport-layers.ts";
import type { Wire } from "./wire.ts";

export interface Coordination {
  readonly roster: Roster;
  readonly key: NodeKey;
  readonly wire: Wire;
  readonly ledger: TrainingStatus;
  readonly signal: AbortSignal;
  /** Told whenever the ledger has changed. */
  readonly changed: () => void;
  readonly failed: (node: number, message: string) => void;
}

/** Interval of status requests, which make peers repeat lost messages. */
const ASK_MILLISECONDS = 1000;
/** Interval and most repetitions of telling peers that the training is over until they acknowledge it. */
const FAREWELL_MILLISECONDS = 250;
const MOST_FAREWELLS = 12;
/** In deadlines: so long after the last word of anyone the coordinator waits for peers that have not finished. */
const PATIENCE = 5;
const LEAST_PATIENCE_MILLISECONDS = 10_000;
/** In deadlines: so long nobody may be silent at once, each of five steps between reports waiting in vain, and more. */
const SILENCE = 20;
const LEAST_SILENCE_MILLISECONDS = 60_000;

/**
 * Brings the peers together: when all are ready they begin, who comes back goes on at once, and when all honest ones
 * have finished it ends the training. Those of which nothing new is heard when others have finished are missing. What
 * either side says may be lost: it asks again and again, and answers as often as it is told.
 */
export class Coordinator {
  readonly #options: Coordination;
  readonly #nonces = new Map<number, string>();
  readonly #over = Promise.withResolvers<void>();
  #control: Transport | undefined;
  #asking: NodeJS.Timeout | undefined;
  #everyoneLeft = () => {};
  #begun = false;
  #isOver = false;
  #patience: NodeJS.Timeout | undefined;
  #silence: NodeJS.Timeout | undefined;

  constructor(options: Coordination) {
    this.#options = options;
    // It may be over before anyone waits for it.
    this.#over.promise.catch(() => undefined);
  }

  /** Listens, and asks who is there. */
  async open(): Promise<void> {
    const { roster, key, wire } = this.#options;
    const { control } = await transportLayers(wire, roster, key);
    this.#control = control;
    hearPeers(control, (from, message) => this.#hear(from, message));
    await this.#ask();
    this.#asking = setInterval(() => void this.#ask(), ASK_MILLISECONDS);
  }

  async #ask(): Promise<void> {
    try {
      await this.#control?.broadcast(encode({ kind: "who" }));
    } catch (cause) {
      // Not a way that is closed for some time, which loses messages and no more.
      this.#over.reject(new GradusError("the connection to the peers was closed", { cause }));
    }
  }

  /** Sends a message to a peer. */
  async #tell(node: number, kind: "go" | "stop"): Promise<void> {
    const nonce = this.#nonces.get(node);
    if (nonce === undefined) return;
    try {
      await this.#control?.send(node, encode({ kind, nonce }));
    } catch {
      // A peer that cannot be reached is not told.
    }
  }

  #hear(from: number, message: Upward): void {
    const { changed, failed } = this.#options;
    // What comes after the end must not begin to wait for more.
    if (this.#isOver && message.kind !== "bye") return;
    switch (message.kind) {
      case "ready":
        if (!this.#admit(from, message.nonce)) return;
        break;
      case "report":
        if (!this.#enter(from, message)) return;
        break;
      case "failed":
        failed(from, message.message);
        break;
      case "bye":
        if (this.#nonces.get(from) === message.nonce) this.left(from);
        return;
    }
    changed();
  }

  /** Records a peer's progress. Returns whether it is new: repetition does not postpone the timeout of silence. */
  #enter(node: number, report: PeerReport): boolean {
    if (!this.#options.ledger.enter(node, report)) return false;
    this.#look();
    this.#listen();
    return true;
  }

  /** Ends a training that has gone silent, rather than waiting forever; it can be resumed. */
  #listen(): void {
    clearTimeout(this.#silence);
    if (!this.#begun) return;
    const milliseconds = Math.max(LEAST_SILENCE_MILLISECONDS, SILENCE * this.#options.ledger.plan.deadline);
    this.#silence = setTimeout(() => {
      const { id } = this.#options.ledger.record(false);
      const seconds = Math.round(milliseconds / 1000);
      this.#over.reject(
        new GradusError(
          `no message from any peer for ${seconds} s; check the connection, then resume with "collaborate resume ${id}"`,
        ),
      );
    }, milliseconds);
  }

  /** Tells ready peers to begin, each time they report ready. Returns whether a peer is newly ready. */
  #admit(node: number, nonce: string): boolean {
    const { ledger } = this.#options;
    const { peers } = ledger.plan;
    const isNew = this.#nonces.get(node) !== nonce;
    this.#nonces.set(node, nonce);
    if (!this.#begun && this.#nonces.size < peers) {
      ledger.set(node, "ready");
      return isNew;
    }
    const admitted = this.#begun ? [node] : [...this.#nonces.keys()];
    this.#begun = true;
    if (isNew) this.#listen();
    for (const each of admitted) {
      // One that went on without a coordinator may have finished already.
      if (ledger.node(each).state !== "finished") ledger.set(each, "training");
      void this.#tell(each, "go");
    }
    return isNew;
  }

  /** Whether all, or all that are left, have finished. */
  #look(): void {
    const { ledger } = this.#options;
    const honest = ledger.honest();
    const finished = honest.filter(({ state }) => state === "finished").length;
    if (finished === 0) return;
    clearTimeout(this.#patience);
    if (finished === honest.length) this.#over.resolve();
    else
      this.#patience = setTimeout(
        () => {
          for (const { node, state } of honest) if (state !== "finished") ledger.set(node, "missing");
          this.#over.resolve();
        },
        Math.max(LEAST_PATIENCE_MILLISECONDS, PATIENCE * ledger.plan.deadline),
      );
  }

  /** Nothing more is to be expected of a peer: where no honest one is left that could finish, the training is over. */
  giveUp(node: number, reason: string): void {
    const { ledger } = this.#options;
    ledger.set(node, "missing");
    if (!this.#begun) this.#over.reject(new GradusError(`peer ${node} could not be started: ${reason}`));
    else if (ledger.honest().every(({ state }) => state === "missing" || state === "finished"))
      this.#over.resolve();
  }

  /** @throws the signal's reason when it is aborted before the training is over; GradusError when it cannot begin */
  async finish(): Promise<void> {
    const { signal } = this.#options;
    const aborted = Promise.withResolvers<never>();
    const end = () => aborted.reject(signal.reason);
    if (signal.aborted) end();
    signal.addEventListener("abort", end);
    try {
      await Promise.race([this.#over.promise, aborted.promise]);
    } finally {
      signal.removeEventListener("abort", end);
      this.#rest();
    }
  }

  #rest(): void {
    this.#isOver = true;
    clearInterval(this.#asking);
    clearTimeout(this.#patience);
    clearTimeout(this.#silence);
  }

  /** A peer has left: its process ended, or it was told that the training is over. */
  left(node: number): void {
    this.#nonces.delete(node);
    if (this.#nonces.size === 0) this.#everyoneLeft();
  }

  /** Tells all peers that the training is over, for at most 3 s. Returns those that did not acknowledge it. */
  async stop(): Promise<readonly number[]> {
    this.#rest();
    const everyoneLeft = new Promise<void>((resolve) => {
      this.#everyoneLeft = resolve;
    });
    for (let time = 0; time < MOST_FAREWELLS && this.#nonces.size > 0; time++) {
      await Promise.all([...this.#nonces.keys()].map((node) => this.#tell(node, "stop")));
      await Promise.race([everyoneLeft, delay(FAREWELL_MILLISECONDS)]);
    }
    return [...this.#nonces.keys()];
  }
}
