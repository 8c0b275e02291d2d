import type { ImportedName } from "../imported-inputs.ts";
import { importedSizes } from "../imported-sizes.ts";
import type { Machine } from "../machine.ts";

export interface BrowserResult {
  readonly model: ImportedName;
  readonly runs: readonly {
    readonly label: string;
    /** The median step of each round, in ms. */
    readonly steps: readonly number[];
    /** From the file's bytes to the end of the first step, in each round, in ms. */
    readonly first: readonly number[];
  }[];
}

export interface BrowserOccasion {
  readonly date: string;
  readonly machine: Machine;
  readonly browser: string;
  readonly load: { readonly before: number; readonly after: number };
  readonly rounds: number;
  readonly seconds: number;
}

/** The middle of a list, or the mean of both middle ones. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

const { residual, transformer } = importedSizes;
const titles: Readonly<Record<ImportedName, string>> = {
  residual: `three residual blocks on ${residual.side} x ${residual.side} images, batch ${residual.batch}`,
  transformer: `${transformer.layers} encoder layers of width ${transformer.width} on sequences of ${transformer.length}, batch ${transformer.batch}`,
};

const milliseconds = (value: number) => `${value < 100 ? value.toFixed(1) : value.toFixed(0)} ms`;

/** The tables of bench/BROWSER.md. */
export function browserReport(results: readonly BrowserResult[], occasion: BrowserOccasion): string {
  const { date, machine, browser, load, rounds, seconds } = occasion;
  const lines = [
    "# Training steps of imported models in Chromium",
    "",
    `${date}, ${machine.processor}, ${machine.cores} cores, Chromium ${browser}; load ${load.before.toFixed(1)} before and ${load.after.toFixed(1)} after.`,
    `\`npm run bench -- --browser\`: medians of ${rounds} ${rounds === 1 ? "round" : "rounds"}, in each of which every setting has a page of its own for`,
    `${seconds} s. WebAssembly has threads only in a cross-origin isolated page. The models are PyTorch's exports of`,
    "RESULTS.md; the first step includes import, differentiation and compilation. Both pages with one thread do the same",
    "work: how far they differ is the error of the measurement.",
  ];
  for (const { model, runs } of results) {
    const alone = runs.find(({ label }) => label === "not isolated");
    lines.push(
      "",
      `## ${titles[model]}`,
      "",
      "| page | step | of the step without isolation | to the end of the first step |",
      "|---|---|---|---|",
      ...runs.map(({ label, steps, first }) => {
        const share = alone ? median(steps) / median(alone.steps) : Number.NaN;
        return `| ${label} | ${milliseconds(median(steps))} | ${share.toFixed(2)} | ${milliseconds(median(first))} |`;
      }),
    );
  }
  return `${lines.join("\n")}\n`;
}
