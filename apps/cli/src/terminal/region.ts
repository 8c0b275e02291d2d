import type { Output } from "./output.ts";
import { displayWidth } from "./text.ts";

// The terminal shows what stands between these at once, or ignores them.
const BEGIN_UPDATE = "\u001B[?2026h";
const END_UPDATE = "\u001B[?2026l";

/** A block of lines at the end of the screen that is drawn over in place. */
export class Region {
  readonly #output: Output;
  #lines: readonly string[] = [];

  constructor(output: Output) {
    this.#output = output;
  }

  /** Moves to the block's first line; a terminal that became narrower has broken long lines into several. */
  #home(): string {
    const { columns } = this.#output;
    const height = this.#lines.reduce((sum, l) => sum + Math.max(1, Math.ceil(displayWidth(l) / columns)), 0);
    return height === 0 ? "" : `\u001B[${height}A\r`;
  }

  draw(lines: readonly string[]): void {
    const body = lines.map((line) => `${line}\u001B[K\n`).join("");
    this.#output.write(`${BEGIN_UPDATE}${this.#home()}${body}\u001B[J${END_UPDATE}`);
    this.#lines = lines;
  }

  clear(): void {
    if (this.#lines.length > 0) this.#output.write(`${this.#home()}\u001B[J`);
    this.#lines = [];
  }
}
