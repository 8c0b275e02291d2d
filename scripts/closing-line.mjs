// A Vitest reporter for the last lines of `npm test`: which tests passed only when tried again, and how many passed, failed
// and were skipped.

/** Counts tests when the run ends; a file that could not be collected counts as one failure. */
export default class ClosingLine {
  onTestRunEnd(testModules, unhandledErrors) {
    const flaky = [];
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of testModules) {
      let failedHere = 0;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (test.diagnostic()?.flaky) flaky.push(`${module.relativeModuleId}: ${test.fullName}`);
        if (state === "passed") counts.passed += 1;
        else if (state === "failed") failedHere += 1;
        else counts.skipped += 1;
      }
      if (failedHere === 0 && module.state() === "failed") failedHere = 1;
      counts.failed += failedHere;
    }
    const line = `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`;
    const again =
      flaky.length > 0 ? ["Passed only when tried again:", ...flaky.map((name) => `  ${name}`), ""] : [];
    // After the other reporters have written theirs.
    process.on("exit", () => console.log([...again, line].join("\n")));
  }
}
