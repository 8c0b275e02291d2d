// Sets a run in the browser beside the same run in Node.
import { type Check, formatFigure, type RunReport } from "@gradus/papers";

/** Figures further apart than this, in relation to the larger, are told of. */
const TOLD = 1e-6;

export interface Comparison {
  /** True when both made the same checks and each was decided alike. */
  readonly agrees: boolean;
  /** What to tell of it: first the whole, then each check that differs. */
  readonly lines: readonly string[];
}

function apart(a: number, b: number): number {
  return a === b ? 0 : Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b));
}

const verdict = ({ held }: Check) => (held ? "held" : "did not hold");

/** Compares the checks of two runs of one experiment, in their order. */
export function compareReports(browser: RunReport, node: RunReport): Comparison {
  if (browser.checks.length !== node.checks.length)
    return {
      agrees: false,
      lines: [`${browser.checks.length} checks in the browser, ${node.checks.length} in Node`],
    };
  const pairs = browser.checks.map((here, i) => ({ here, there: node.checks[i] }));
  const decided = pairs.filter(({ here, there }) => here.held !== there.held).length;
  const different = pairs.filter(
    ({ here, there }) => here.held !== there.held || apart(here.measured, there.measured) > TOLD,
  );
  return {
    agrees: decided === 0,
    lines: [
      `${decided === 0 ? "same verdicts" : `${decided} VERDICTS DIFFER`}, ${pairs.length - different.length} of ${pairs.length} figures equal to ${TOLD}`,
      ...different.map(
        ({ here, there }) =>
          `${here.claim} ${here.label}: ${formatFigure(here.measured)}, ${verdict(here)}; Node ${formatFigure(there.measured)}, ${verdict(there)}`,
      ),
    ],
  };
}
