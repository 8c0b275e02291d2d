import { Collector, type Experiment, plotData, type RunEvent } from "@gradus/papers";
import type { Output } from "./output.ts";
import { renderPlot } from "./plot.ts";
import { Region } from "./region.ts";
import { formatDuration, padStart, truncate } from "./text.ts";

const REDRAW_MILLISECONDS = 200;
const LEAST_COLUMNS_FOR_PLOT = 50;
const PLOT_ROWS = 10;
// Rows that a plot adds around its drawing: title, legend, axis and labels, and the lines of progress below.
const ROWS_AROUND_PLOT = 11;
const WIDEST_BAR = 24;

/** What is under way. */
interface Current {
  readonly title: string;
  readonly experiment: Experiment;
  /** Seconds that the whole run takes as a rule, where that is known. */
  readonly expected: number | undefined;
  /** Whether an earlier session began it. */
  readonly resumed: boolean;
  readonly begun: number;
  readonly collector: Collector;
  fraction: number;
  message: string;
  /** Tenths already printed as lines. */
  told: number;
}

/** A bar of `width` cells, such as `━━━━────`. */
export function barOf(fraction: number, width: number): string {
  const full = Math.round(fraction * width);
  return "━".repeat(full) + "─".repeat(width - full);
}

/** `, about 7 s left`, once enough is done to tell. */
export function timeLeft(fraction: number, first: number, seconds: number): string {
  const done = fraction - first;
  if (done < 0.05 || seconds < 1 || fraction >= 1) return "";
  return `, about ${formatDuration((seconds * (1 - fraction)) / done)} left`;
}

/** Shorter runs are not announced. */
const LONG_SECONDS = 60;

/** How long a run will take: by its own pace once that is known, before that by what it takes as a rule. */
function outlook({ fraction, resumed, expected = 0 }: Current, seconds: number): string {
  const left = timeLeft(fraction, 0, seconds);
  if (left !== "" || resumed || fraction >= 1 || expected < LONG_SECONDS) return left;
  return `, about ${formatDuration(expected)} expected`;
}

/**
 * Shows how far a run has come and how long it will take: on a terminal the main plot as it grows and a bar, drawn in
 * place; elsewhere a line at every tenth.
 */
export class Progress {
  readonly #output: Output;
  readonly #region: Region;
  #current: Current | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(output: Output) {
    this.#output = output;
    this.#region = new Region(output);
  }

  /**
   * @param expected seconds that the whole run takes as a rule
   * @param before seconds that earlier sessions took to come as far as a resumed run comes at once
   */
  begin(title: string, experiment: Experiment, expected?: number, before = 0): void {
    this.#current = {
      title,
      experiment,
      expected,
      resumed: before > 0,
      begun: performance.now() - 1000 * before,
      collector: new Collector(),
      fraction: 0,
      message: "starting",
      told: -1,
    };
    if (!this.#output.animated) return;
    this.#draw();
    this.#timer ??= setInterval(() => this.#draw(), REDRAW_MILLISECONDS);
  }

  event(event: RunEvent): void {
    const current = this.#current;
    if (!current) return;
    current.collector.add(event);
    if (event.kind !== "progress") return;
    current.fraction = event.fraction;
    current.message = event.message;
    if (this.#output.animated) return;
    const tenth = Math.floor(event.fraction * 10);
    if (tenth <= current.told) return;
    current.told = tenth;
    const percent = padStart(`${Math.round(event.fraction * 100)}%`, 4);
    const seconds = (performance.now() - current.begun) / 1000;
    this.#output.write(`${current.title} ${percent}  ${event.message}${outlook(current, seconds)}\n`);
  }

  /** Removes the progress from the screen. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#current = undefined;
    this.#region.clear();
  }

  #draw(): void {
    const current = this.#current;
    if (!current) return;
    const { columns, rows, palette } = this.#output;
    // One cell is left free: a line that fills the screen's width would wrap on some terminals.
    const width = columns - 1;
    const seconds = (performance.now() - current.begun) / 1000;
    const bar = barOf(current.fraction, Math.max(8, Math.min(WIDEST_BAR, width - 50)));
    const percent = padStart(`${Math.floor(current.fraction * 100)}%`, 4);
    const time = formatDuration(seconds) + outlook(current, seconds);
    this.#region.draw([
      ...this.#plot(current, width, rows),
      truncate(current.title, width),
      palette.strong(bar) + truncate(`${percent}  ${time}`, width - bar.length),
      palette.muted(truncate(current.message, width)),
    ]);
  }

  #plot({ experiment, collector }: Current, width: number, rows: number): string[] {
    const [main] = experiment.plots;
    const data = main && plotData(collector, main.id);
    if (!data || Object.keys(data).length === 0 || width < LEAST_COLUMNS_FOR_PLOT) return [];
    const height = Math.min(PLOT_ROWS, rows - ROWS_AROUND_PLOT);
    if (height < 5) return [];
    const lines = renderPlot(main, data, { width, height, palette: this.#output.palette });
    return lines.length > rows - 5 ? [] : [...lines, ""];
  }
}
