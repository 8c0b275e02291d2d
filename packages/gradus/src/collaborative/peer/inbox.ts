import type { Vector } from "../vector.ts";
import { decodeModel, type Expectation, type ModelMessage, type Rejection } from "./message.ts";
import type { Envelope } from "./transport.ts";

/** A model received from a node. */
export interface ReceivedModel {
  readonly sender: number;
  readonly model: Vector;
}

/** Why a message was discarded. */
export type Reason = Rejection | "late" | "repeated" | "unknown sender";

/** Models of one sender kept for later rounds; beyond this number the oldest is dropped. */
const KEPT_PER_SENDER = 4;

export interface InboxOptions extends Omit<Expectation, "sender"> {
  readonly node: number;
  readonly nodes: number;
  /** Mixing rounds per step. */
  readonly rounds: number;
}

/**
 * What a peer has received: valid models by round, and which nodes sent invalid messages. Every message is treated as
 * if a Byzantine peer had sent it: whatever a sender sends, it can fill only its own few slots.
 */
export class Inbox {
  readonly #options: InboxOptions;
  readonly #messages = new Map<number, ModelMessage[]>();
  /** Nodes that have sent an invalid message since the round began. */
  readonly #garbage = new Set<number>();
  readonly #rejected: Record<string, number> = {};
  /** The open round, counted over all steps. */
  #open = 0;
  #changed: () => void = () => {};

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  /** Messages discarded so far, by reason. */
  get rejected(): Readonly<Record<string, number>> {
    return { ...this.#rejected };
  }

  #reject(reason: Reason): void {
    this.#rejected[reason] = (this.#rejected[reason] ?? 0) + 1;
  }

  #place({ step, round }: { readonly step: number; readonly round: number }): number {
    return step * this.#options.rounds + round;
  }

  /** Calls the listener whenever a message changes what the inbox holds. */
  onChange(listener: () => void): void {
    this.#changed = listener;
  }

  /** Receives a message. */
  receive({ from, bytes }: Envelope): void {
    const { node, nodes, rounds } = this.#options;
    if (!Number.isInteger(from) || from < 0 || from >= nodes || from === node) {
      this.#reject("unknown sender");
      return;
    }
    const message = decodeModel(bytes, { ...this.#options, sender: from });
    if (typeof message === "string" || message.round >= rounds) {
      this.#reject(typeof message === "string" ? message : "header");
      this.#garbage.add(from);
      this.#changed();
      return;
    }
    const place = this.#place(message);
    const kept = this.#messages.get(from) ?? [];
    // Only the first counts: a node gains nothing by sending two models for one round.
    const repeated = kept.some((other) => this.#place(other) === place);
    if (place < this.#open || repeated) {
      this.#reject(repeated ? "repeated" : "late");
      return;
    }
    kept.push(message);
    kept.sort((a, b) => this.#place(a) - this.#place(b));
    if (kept.length > KEPT_PER_SENDER) kept.shift();
    this.#messages.set(from, kept);
    this.#changed();
  }

  /** Opens a round: models for earlier rounds are dropped. */
  open(step: number, round: number): void {
    this.#open = this.#place({ step, round });
    for (const [sender, kept] of this.#messages)
      this.#messages.set(
        sender,
        kept.filter((message) => this.#place(message) >= this.#open),
      );
  }

  /** Ends a round: the count of invalid senders starts again. */
  close(): void {
    this.#garbage.clear();
  }

  /** The models of the open round so far, in the order of their senders. */
  models(): ReceivedModel[] {
    return this.#at(this.#open);
  }

  #at(place: number): ReceivedModel[] {
    const found: ReceivedModel[] = [];
    for (const [sender, kept] of this.#messages) {
      const message = kept.find((other) => this.#place(other) === place);
      if (message) found.push({ sender, model: message.model });
    }
    return found.sort((a, b) => a.sender - b.sender);
  }

  /** The number of nodes that sent an invalid message and no model in the open round. */
  garbage(): number {
    const models = new Set(this.models().map(({ sender }) => sender));
    return [...this.#garbage].filter((sender) => !models.has(sender)).length;
  }

  /** The newest step that at least `count` senders have reached; undefined where fewer have sent anything. */
  stepReached(count: number): number | undefined {
    const newest = [...this.#messages.values()]
      .filter((kept) => kept.length > 0)
      .map((kept) => kept[kept.length - 1].step);
    return newest.sort((a, b) => b - a)[count - 1];
  }

  /** The newest step, at least two ahead of the open one, with at least `quorum` models of its last round received. */
  stepAhead(quorum: number): number | undefined {
    const { rounds } = this.#options;
    const current = Math.floor(this.#open / rounds);
    const steps = new Set([...this.#messages.values()].flat().map(({ step }) => step));
    const ahead = [...steps].filter(
      (step) => step >= current + 2 && this.#at(this.#place({ step, round: rounds - 1 })).length >= quorum,
    );
    return ahead.length === 0 ? undefined : Math.max(...ahead);
  }
}
