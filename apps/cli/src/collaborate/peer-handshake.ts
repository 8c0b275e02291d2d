import { randomUUID } from "node:crypto";
import type { Transport } from "gradus/collaborative";
import { encode, hearCoordinator, type Upward } from "./control-messages.ts";

/** The coordinator has ended the training. */
class Stopped extends Error {
  override name = "Stopped";
}

/** @throws the signal's reason, and never resolves */
export function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

/**
 * A peer's side of what it and the coordinator tell each other: it says that it is ready, and is told to begin and to
 * stop. What is lost on the way is said again, as the coordinator asks again and again.
 */
export class PeerHandshake {
  readonly #nonce = randomUUID();
  readonly #begin = Promise.withResolvers<void>();
  readonly #stop = new AbortController();
  readonly #end: () => void;
  readonly #control: Transport;
  readonly #coordinator: number;
  #isReady = false;
  #latest: Upward | undefined;
  #bye: Promise<void> | undefined;

  constructor(control: Transport, coordinator: number) {
    this.#control = control;
    this.#coordinator = coordinator;
    this.#end = hearCoordinator(control, coordinator, (message) => {
      if (message.kind === "who") this.#answer();
      else if (message.nonce !== this.#nonce) return;
      else if (message.kind === "go") this.#begin.resolve();
      else {
        this.#bye = this.#say({ kind: "bye", nonce: this.#nonce });
        this.#stop.abort(new Stopped("the coordinator has ended the training"));
      }
    });
  }

  /** Aborted when the coordinator has ended the training. */
  get stopped(): AbortSignal {
    return this.#stop.signal;
  }

  #answer(): void {
    if (this.#isReady) void this.#say({ kind: "ready", nonce: this.#nonce });
    if (this.#latest) void this.#say(this.#latest);
  }

  async #say(message: Upward): Promise<void> {
    try {
      await this.#control.send(this.#coordinator, encode(message));
    } catch {
      // An unreachable coordinator is not notified.
    }
  }

  /** Sends a message to the coordinator, and repeats it on request until the next message. */
  tell(message: Upward): Promise<void> {
    this.#latest = message;
    return this.#say(message);
  }

  /** @throws the signal's reason when it is aborted before the coordinator says go */
  async begin(signal: AbortSignal): Promise<void> {
    this.#isReady = true;
    this.#answer();
    await Promise.race([this.#begin.promise, aborted(signal)]);
  }

  /** Stops receiving, and resolves when the last message has been sent. */
  async close(): Promise<void> {
    this.#end();
    await this.#bye;
  }
}
