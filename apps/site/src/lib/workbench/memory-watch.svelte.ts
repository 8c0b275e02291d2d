import { usedMemory } from "./memory.ts";

/** Milliseconds between two measurements. */
const PAUSE = 2000;

/** What memory the workbench uses. */
export class MemoryWatch {
  /** Bytes of JavaScript in the page and its worker, where the browser tells. */
  script = $state(0);
  /** Bytes that the engine has taken. */
  engine = $state(0);
  #watching = false;

  /** Measures again and again, until it is stopped. */
  async start(): Promise<void> {
    if (this.#watching) return;
    this.#watching = true;
    while (this.#watching) {
      const bytes = await usedMemory();
      if (bytes === undefined) return;
      this.script = bytes;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }

  stop(): void {
    this.#watching = false;
  }
}
