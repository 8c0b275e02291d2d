import { DisposedError } from "../errors.ts";
import type { ArrayValue, Session } from "./runtime.ts";

/** A session whose owner may dispose of it at any time: it is freed after the runs in progress. */
export class SessionLifetime {
  readonly #session: Session;
  readonly #owner: string;
  readonly #running = new Set<Promise<unknown>>();
  #disposal: Promise<void> | undefined;

  /** @param owner what is disposed of, as the error names it */
  constructor(session: Session, owner: string) {
    this.#session = session;
    this.#owner = owner;
  }

  /** @throws DisposedError after `dispose` */
  assertUsable(): void {
    if (this.#disposal) throw new DisposedError(`the ${this.#owner} has been disposed of`);
  }

  async run(inputs: readonly ArrayValue[]): Promise<readonly ArrayValue[]> {
    this.assertUsable();
    const running = this.#session.run(inputs);
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  /** Rejects later runs, waits for those in progress, then frees the session; resolves when it is freed. */
  dispose(): Promise<void> {
    this.#disposal ??= Promise.allSettled(this.#running).then(() => this.#session.release());
    return this.#disposal;
  }
}
