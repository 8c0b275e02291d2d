// A Vitest reporter for the last line of `npm test`: how many tests passed, failed and were skipped, and why.

/** Counts tests when the run ends; a file that could not be collected counts as one failure. */
export default class ClosingLine {
  onTestRunEnd(testModules, unhandledErrors) {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of testModules) {
      let failedHere = 0;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === "passed") counts.passed += 1;
        else if (state === "failed") failedHere += 1;
        else counts.skipped += 1;
      }
      if (failedHere === 0 && module.state() === "failed") failedHere = 1;
      counts.failed += failedHere;
    }
    const line = `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`;
    // After the other reporters have written theirs.
    process.on("exit", () => console.log(line));
  }
}
