// A Vitest reporter: which files took longest, when there were many.
import type { Reporter, TestModule } from "vitest/node";

const SHOWN = 15;

/** What is looked at of a file that ran. */
type RunFile = Pick<TestModule, "relativeModuleId"> & {
  diagnostic(): Pick<ReturnType<TestModule["diagnostic"]>, "collectDuration" | "duration">;
};

const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`.padStart(9);

/** The time of a file: its modules, its hooks and its tests. */
function timeOf(file: RunFile): number {
  const { collectDuration, duration } = file.diagnostic();
  return collectDuration + duration;
}

/** A line for each of the `count` files that took longest. */
export function slowestFiles(files: readonly RunFile[], count: number): string[] {
  return files
    .map((file) => ({ name: file.relativeModuleId, time: timeOf(file) }))
    .sort((a, b) => b.time - a.time)
    .slice(0, count)
    .map(({ name, time }) => `${seconds(time)}  ${name}`);
}

export default class SlowestFiles implements Reporter {
  onTestRunEnd(files: readonly TestModule[]): void {
    if (files.length <= SHOWN) return;
    const lines = [`Slowest of ${files.length} files:`, ...slowestFiles(files, SHOWN), ""];
    // After the summary, which is written when the run has ended.
    process.once("exit", () => console.log(lines.join("\n")));
  }
}
