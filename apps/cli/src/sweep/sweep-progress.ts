import type { Output } from "../terminal/output.ts";
import { Region } from "../terminal/region.ts";
import { barOf, timeLeft } from "../terminal/run-progress.ts";
import { formatDuration, outOf, padStart, truncate } from "../terminal/text.ts";
import type { RunState } from "./store.ts";

/** The progress of a sweep. */
export interface SweepState {
  readonly counts: Readonly<Record<RunState, number>>;
  /** The running ones. */
  readonly running: readonly {
    readonly name: string;
    readonly fraction: number;
    readonly worker: string | null;
  }[];
}

const WIDEST_BAR = 24;
const RUN_BAR = 10;
const ROWS_LEFT_FREE = 4;
/** Where nothing is drawn in place, a line is written each time that another such part has finished. */
const PARTS = 20;

/** Progress of a sweep: drawn in place on a terminal, as occasional lines elsewhere. */
export class SweepProgress {
  readonly #output: Output;
  readonly #region: Region;
  readonly #title: string;
  readonly #begun = performance.now();
  #first: number | undefined;
  #told = -1;

  constructor(output: Output, title: string) {
    this.#output = output;
    this.#region = new Region(output);
    this.#title = title;
  }

  show({ counts, running }: SweepState): void {
    const ended = counts.finished + counts.failed;
    const total = ended + counts.waiting + counts.running;
    const failed = counts.failed > 0 ? `, ${counts.failed} failed` : "";
    const summary = `${outOf(counts.finished, total, "run")} finished${failed}`;
    if (!this.#output.animated) {
      const part = Math.floor((ended / total) * Math.min(PARTS, total));
      if (part <= this.#told) return;
      this.#told = part;
      this.#output.write(`${this.#title}: ${summary}\n`);
      return;
    }
    const { columns, rows, palette } = this.#output;
    const width = columns - 1;
    const done = (ended + running.reduce((sum, { fraction }) => sum + fraction, 0)) / total;
    this.#first ??= done;
    const seconds = (performance.now() - this.#begun) / 1000;
    const time = formatDuration(seconds) + timeLeft(done, this.#first, seconds);
    const bar = barOf(done, Math.max(8, Math.min(WIDEST_BAR, width - 50)));
    const shown = running.slice(0, Math.max(1, rows - ROWS_LEFT_FREE));
    this.#region.draw([
      truncate(this.#title, width),
      palette.strong(bar) + truncate(`  ${summary}  ${time}`, width - bar.length),
      ...shown.map(({ name, fraction, worker }) => {
        const percent = padStart(`${Math.floor(fraction * 100)}%`, 4);
        const line = `  ${barOf(fraction, RUN_BAR)}${percent}  ${name}${worker === null ? "" : `  ${worker}`}`;
        return palette.muted(truncate(line, width));
      }),
      ...(running.length === 0 ? [palette.muted(truncate("  waiting for a worker", width))] : []),
    ]);
  }

  /** Removes the board from the screen. */
  stop(): void {
    this.#region.clear();
  }
}
