// A Vitest reporter: which files took longest, when there were many.

const SHOWN = 15;

const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(1)} s`.padStart(9);

/** The time of a file: its modules, its hooks and its tests. */
function timeOf(module) {
  const { collectDuration, duration } = module.diagnostic();
  return collectDuration + duration;
}

export default class SlowestFiles {
  onTestRunEnd(testModules) {
    if (testModules.length <= SHOWN) return;
    const files = testModules
      .map((module) => ({ name: module.relativeModuleId, time: timeOf(module) }))
      .sort((a, b) => b.time - a.time)
      .slice(0, SHOWN);
    // After the summary, which is written when the run has ended.
    process.once("exit", () => {
      console.log(`Slowest of ${testModules.length} files:`);
      for (const { name, time } of files) console.log(`${seconds(time)}  ${name}`);
      console.log();
    });
  }
}
