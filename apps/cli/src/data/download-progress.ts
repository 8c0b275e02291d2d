import type { DownloadProgress } from "gradus/data";
import type { Output } from "../terminal/output.ts";
import { Region } from "../terminal/region.ts";
import { barOf } from "../terminal/run-progress.ts";
import { truncate } from "../terminal/text.ts";
import { formatBytes } from "./format-bytes.ts";

const WIDEST_BAR = 24;
const REDRAW_MILLISECONDS = 100;

/** Download progress: a bar drawn in place on a terminal, a line at the start and every 25 % elsewhere. */
export class DownloadProgressView {
  readonly #output: Output;
  readonly #region: Region;
  #file = "";
  #told = -1;
  #drawn = 0;

  constructor(output: Output) {
    this.#output = output;
    this.#region = new Region(output);
  }

  /** Names the download before its first byte arrives. */
  begin(text: string): void {
    if (this.#output.animated) this.#region.draw([truncate(text, this.#output.columns - 1)]);
  }

  update({ file, received, total }: DownloadProgress): void {
    const fraction = total === undefined || total === 0 ? undefined : received / total;
    const amount = `${formatBytes(received)}${total === undefined ? "" : ` of ${formatBytes(total)}`}`;
    if (!this.#output.animated) {
      const quarter = fraction === undefined ? 0 : Math.floor(fraction * 4);
      if (file === this.#file && quarter <= this.#told) return;
      this.#file = file;
      this.#told = quarter;
      this.#output.write(`${file}  ${amount}\n`);
      return;
    }
    const now = performance.now();
    if (now - this.#drawn < REDRAW_MILLISECONDS && received !== total) return;
    this.#drawn = now;
    const width = this.#output.columns - 1;
    const bar = fraction === undefined ? "" : barOf(fraction, Math.max(8, Math.min(WIDEST_BAR, width - 40)));
    this.#region.draw([
      truncate(file, width),
      this.#output.palette.strong(bar) + truncate(`${bar && "  "}${amount}`, Math.max(0, width - bar.length)),
    ]);
  }

  /** Removes the progress from the screen. */
  stop(): void {
    this.#region.clear();
  }
}
