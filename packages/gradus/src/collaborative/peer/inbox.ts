import type { Vector } from "../vector.ts";
import { decodeModel, type Expectation, type ModelMessage, type Rejection } from "./message.ts";
import type { Envelope } from "./transport.ts";

/** A model received from a node. */
export interface ReceivedModel {
  readonly sender: number;
  readonly model: Vector;
}

/** Why a message was thrown away. */
export type Reason = Rejection | "late" | "repeated" | "unknown sender";

/** Models of one sender that are kept until their round comes; a sender that is farther ahead loses its oldest. */
const KEPT_PER_SENDER = 4;

export interface InboxOptions extends Omit<Expectation, "sender"> {
  readonly node: number;
  readonly nodes: number;
  /** Rounds a step. */
  readonly rounds: number;
}

/**
 * What a peer has received: valid models by round, and who sent garbage. It reads every message as if a Byzantine peer had sent
 * it: each sender fills its own few places and no others, whatever it sends.
 */
export class Inbox {
  readonly #options: InboxOptions;
  readonly #messages = new Map<number, ModelMessage[]>();
  /** Senders of garbage since the round began. */
  readonly #garbage = new Set<number>();
  readonly #rejected: Record<string, number> = {};
  /** The round now open, counted over all steps. */
  #open = 0;
  #changed: () => void = () => {};

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  /** Messages thrown away so far, by reason. */
  get rejected(): Readonly<Record<string, number>> {
    return { ...this.#rejected };
  }

  #reject(reason: Reason): void {
    this.#rejected[reason] = (this.#rejected[reason] ?? 0) + 1;
  }

  #place({ step, round }: { readonly step: number; readonly round: number }): number {
    return step * this.#options.rounds + round;
  }

  /** Calls back whenever something of use arrives. */
  onChange(listener: () => void): void {
    this.#changed = listener;
  }

  /** Takes in a message. */
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
    // The first counts: a node that sends two models for one round gains nothing.
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

  /** Opens a round: what came for earlier ones is let go, and who sent garbage may do better. */
  open(step: number, round: number): void {
    this.#open = this.#place({ step, round });
    for (const [sender, kept] of this.#messages)
      this.#messages.set(
        sender,
        kept.filter((message) => this.#place(message) >= this.#open),
      );
  }

  /** Ends a round: garbage is counted anew from here on. */
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

  /** Nodes that sent garbage and no model in the open round. */
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

  /** The newest step, at least two ahead of the open one, of whose last round at least `quorum` models are here. */
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
