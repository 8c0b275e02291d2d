import type { RunTimes } from "../execute/in-process.ts";
import type { Palette } from "./color.ts";
import { layoutTable, type TableColumn } from "./table.ts";
import { formatDuration } from "./text.ts";

export interface NamedTimes {
  /** Of the experiment, such as `mechanism`. */
  readonly name: string;
  readonly times: RunTimes;
}

const right = (header: string): TableColumn => ({ header, align: "right", wraps: false });
const columns: readonly TableColumn[] = [
  { header: "experiment" },
  right("total"),
  right("compiling"),
  right("share"),
  right("programs"),
  right("running"),
  right("runs"),
];

function sumOf(all: readonly NamedTimes[]): RunTimes {
  const sum = (key: keyof RunTimes) => all.reduce((total, { times }) => total + times[key], 0);
  return {
    total: sum("total"),
    compiling: sum("compiling"),
    programs: sum("programs"),
    running: sum("running"),
    runs: sum("runs"),
  };
}

/** Where the time of experiments went: compiling programs of the graph engine, running them, and everything else. */
export function timesLines(all: readonly NamedTimes[], width: number, palette: Palette): string[] {
  const shown = all.length > 1 ? [...all, { name: "all", times: sumOf(all) }] : all;
  const rows = shown.map(({ name, times: { total, compiling, programs, running, runs } }) => {
    const share = total === 0 ? 0 : Math.round((100 * compiling) / total);
    return [
      name,
      formatDuration(total / 1000),
      formatDuration(compiling / 1000),
      `${share}%`,
      String(programs),
      formatDuration(running / 1000),
      String(runs),
    ].map((text) => ({ text }));
  });
  return layoutTable(columns, rows, { width, header: palette.muted });
}
