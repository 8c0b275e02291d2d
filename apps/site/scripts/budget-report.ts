// The table of what was measured against the specification's budgets.
import type { Machine } from "../../../bench/machine.ts";

/** The median of some measurements, and the largest. */
export interface Column {
  readonly median: number;
  readonly most: number;
}

/** What was measured on a kind of page. */
export interface Row {
  readonly name: string;
  /** Whether the budgets, which are the feed's, are this page's too. */
  readonly budgeted: boolean;
  readonly paint: Column;
  readonly paintConnecting: Column;
  readonly shift: Column;
  readonly wait: Column;
  /** The press that waited longest. */
  readonly slowest: string;
  readonly html: Column;
  readonly scripts: Column;
}

/** Where and how it was measured. */
export interface Occasion {
  readonly machine: Machine;
  readonly browser: string;
  readonly date: string;
  /** Runnable processes on average over a minute. */
  readonly load: { readonly before: number; readonly after: number };
  readonly repetitions: number;
  /** A sentence on how the machine was used. */
  readonly note: string;
}

export function medianOf(values: readonly number[]): Column {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)], most: sorted[sorted.length - 1] };
}

const BUDGETS = { paint: 2000, shift: 0.05, wait: 200, html: 60_000, scripts: 60_000 } as const;

/** The page of results. */
export function reportOf(
  rows: readonly Row[],
  { machine, browser, date, load, repetitions, note }: Occasion,
): string {
  const cell = ({ median, most }: Column, show: (value: number) => string, budget?: number) => {
    const text = `${show(median)} (${show(most)})`;
    return budget !== undefined && median > budget ? `**${text}: not met**` : text;
  };
  const whole = (value: number) => value.toFixed(0);
  const kilobytes = (value: number) => (value / 1000).toFixed(1);
  const table = rows.map((row) => {
    const budget = (of: keyof typeof BUDGETS) => (row.budgeted ? BUDGETS[of] : undefined);
    return `| ${[
      row.name,
      cell(row.paint, whole, budget("paint")),
      cell(row.paintConnecting, whole, budget("paint")),
      cell(row.shift, (value) => value.toFixed(3), budget("shift")),
      cell(row.wait, whole, budget("wait")),
      row.slowest,
      kilobytes(row.html.median),
      kilobytes(row.scripts.median),
    ].join(" | ")} |`;
  });
  return `# The first seconds of a reader

The production server and Chromium on one machine; a phone's window (390 by 844) that was never here, its main thread four times slower than the machine, over slow 4G. Medians of ${repetitions} visits, the largest in parentheses. Sizes, requests and what may load before Run are held by \`apps/site/tests/budget.test.ts\` on every test run; times are measured here and never asserted.

${date}, ${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, Chromium ${browser}. Load of the machine before ${load.before.toFixed(1)}, after ${load.after.toFixed(1)}. ${note ? `${note} ` : ""}Made by \`node apps/site/scripts/feed-budget.ts --repetitions ${repetitions} --write\`.

| page | largest paint, ms: each request waits 150 ms | largest paint, ms: 562 ms | layout shift | longest wait for the next picture, ms | of which press | HTML, kB | scripts, kB |
|---|---:|---:|---:|---:|---|---:|---:|
| *budget of lists* | 2000 | 2000 | 0.05 | 200 | | 60 | 60 |
${table.join("\n")}

- 150 ms a request, 1.6 Mbit/s down: the round trip of slow 4G on a connection that is there already.
- 562 ms a request, 1.47 Mbit/s down: what Lighthouse waits instead where it throttles a real browser, because opening an encrypted connection takes round trips too.
- Longest wait: the slowest press of a visit (its interaction to next paint), among typing a search, the menu, the colors, opening the filter, a topic chosen and taken away, \`j\` and \`k\`, and the switch to runnable papers; on the paper's page Run, Cite and typing while its claims are measured.
- HTML and scripts: as sent, compressed. The paper's page has no budget of its own.
`;
}
