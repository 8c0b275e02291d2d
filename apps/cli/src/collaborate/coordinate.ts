import { GradusError } from "gradus";
import { encode, hearPeers, type Upward } from "./control.ts";
import { layersOver } from "./layers.ts";
import type { Ledger } from "./ledger.ts";
import type { NodeKey, Roster } from "./roster.ts";
import type { Wire } from "./wire.ts";

export interface Coordination {
  readonly roster: Roster;
  readonly key: NodeKey;
  readonly wire: Wire;
  readonly ledger: Ledger;
  readonly signal: AbortSignal;
  /** Told whenever the ledger has changed. */
  readonly changed: () => void;
  readonly failed: (node: number, message: string) => void;
}

/** In deadlines: so long after the last word of anyone the coordinator waits for peers that have not finished. */
const PATIENCE = 5;
const LEAST_PATIENCE_MILLISECONDS = 10_000;
/** In deadlines: so long nobody may be silent at once, each of five steps between reports waiting in vain, and more. */
const SILENCE = 20;
const LEAST_SILENCE_MILLISECONDS = 60_000;

/**
 * Brings the peers together: when all are ready they begin, who comes back goes on at once, and when all honest ones
 * have finished it ends the training. Those of which nothing is heard any more when others have finished are missing.
 */
export class Coordinator {
  readonly #options: Coordination;
  readonly #nonces = new Map<number, string>();
  readonly #over = Promise.withResolvers<void>();
  #send: (node: number, bytes: Uint8Array) => void | Promise<void> = () => undefined;
  #begun = false;
  #patience: NodeJS.Timeout | undefined;
  #silence: NodeJS.Timeout | undefined;

  constructor(options: Coordination) {
    this.#options = options;
  }

  /** Listens, and asks who is there already. */
  async open(): Promise<void> {
    const { roster, key, wire } = this.#options;
    const { control } = await layersOver(wire, roster, key);
    this.#send = (node, bytes) => control.send(node, bytes);
    hearPeers(control, (from, message) => this.#hear(from, message));
    await control.broadcast(encode({ kind: "who" }));
  }

  /** Tells a peer something; one that cannot be reached is not told. */
  async #tell(node: number, kind: "go" | "stop"): Promise<void> {
    const nonce = this.#nonces.get(node);
    if (nonce === undefined) return;
    await Promise.resolve(this.#send(node, encode({ kind, nonce }))).catch(() => undefined);
  }

  #hear(from: number, message: Upward): void {
    const { ledger, changed, failed } = this.#options;
    if (message.kind === "failed") failed(from, message.message);
    else if (message.kind === "ready") this.#admit(from, message.nonce);
    else {
      ledger.enter(from, message);
      this.#look();
    }
    this.#listen();
    changed();
  }

  /** Ends a training of which nothing is heard any more: it can be resumed, and waiting would have no end. */
  #listen(): void {
    clearTimeout(this.#silence);
    if (!this.#begun) return;
    const milliseconds = Math.max(LEAST_SILENCE_MILLISECONDS, SILENCE * this.#options.ledger.plan.deadline);
    this.#silence = setTimeout(() => {
      const { id } = this.#options.ledger.record(false);
      const seconds = Math.round(milliseconds / 1000);
      this.#over.reject(
        new GradusError(
          `no peer was heard for ${seconds} s; is the way to them open? "collaborate resume ${id}" goes on`,
        ),
      );
    }, milliseconds);
  }

  #admit(node: number, nonce: string): void {
    const { ledger } = this.#options;
    const { peers } = ledger.plan;
    this.#nonces.set(node, nonce);
    if (!this.#begun && this.#nonces.size < peers) return;
    const admitted = this.#begun ? [node] : [...this.#nonces.keys()];
    this.#begun = true;
    for (const each of admitted) {
      // One that went on without a coordinator may have finished already.
      if (ledger.node(each).state === "waiting") ledger.set(each, "training");
      void this.#tell(each, "go");
    }
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
    if (!this.#begun) this.#over.reject(new GradusError(`peer ${node} cannot be started: ${reason}`));
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
      clearTimeout(this.#patience);
      clearTimeout(this.#silence);
    }
  }

  /** Tells all peers that it is over. */
  async stop(): Promise<void> {
    await Promise.all([...this.#nonces.keys()].map((node) => this.#tell(node, "stop")));
  }
}
