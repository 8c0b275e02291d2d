import type { Output } from "./output.ts";
import { Region } from "./region.ts";
import { barOf, timeLeft } from "./run-progress.ts";
import { formatDuration, padStart, truncate } from "./text.ts";

const REDRAW_MILLISECONDS = 150;
const BAR = 24;

/** Progress of a computation: a bar drawn in place on a terminal, a line every 10 % elsewhere. */
export class ProgressBar {
  readonly #output: Output;
  readonly #region: Region;
  readonly #title: string;
  readonly #begun = performance.now();
  #drawn = Number.NEGATIVE_INFINITY;
  #told = -1;

  constructor(output: Output, title: string) {
    this.#output = output;
    this.#region = new Region(output);
    this.#title = title;
  }

  tell(fraction: number, message: string): void {
    const { animated, columns, palette } = this.#output;
    const percent = padStart(`${Math.floor(fraction * 100)}%`, 4);
    if (!animated) {
      const tenth = Math.floor(fraction * 10);
      if (tenth <= this.#told) return;
      this.#told = tenth;
      this.#output.write(`${this.#title} ${percent}  ${message}\n`);
      return;
    }
    const now = performance.now();
    if (now - this.#drawn < REDRAW_MILLISECONDS) return;
    this.#drawn = now;
    const width = columns - 1;
    const seconds = (now - this.#begun) / 1000;
    const time = formatDuration(seconds) + timeLeft(fraction, 0, seconds);
    const bar = barOf(fraction, Math.max(8, Math.min(BAR, width - 50)));
    this.#region.draw([
      truncate(this.#title, width),
      palette.strong(bar) + truncate(`${percent}  ${time}`, width - bar.length),
      palette.muted(truncate(message, width)),
    ]);
  }

  /** Removes the progress from the screen. */
  stop(): void {
    this.#region.clear();
  }
}
