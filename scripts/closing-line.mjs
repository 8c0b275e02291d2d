// A Vitest reporter for the last line of `npm test`: how many tests passed, failed and were skipped.
import { writeFileSync } from "node:fs";
import { closingLine, outcomeOf } from "./outcome.mjs";

/** Counts tests when the run ends, and leaves the outcome in the file that `GRADUS_TEST_OUTCOME` names. */
export default class ClosingLine {
  onTestRunEnd(testModules, unhandledErrors) {
    const outcome = outcomeOf(testModules, unhandledErrors);
    const { GRADUS_TEST_OUTCOME } = process.env;
    if (GRADUS_TEST_OUTCOME) writeFileSync(GRADUS_TEST_OUTCOME, JSON.stringify(outcome));
    // After the other reporters have written theirs.
    process.on("exit", () => console.log(closingLine(outcome)));
  }
}
