/** What stops a method of descent that finds no step. */
export const HIDDEN_DECREASE =
  "rounding hides any further decrease, or a derivative is wrong: try checkDerivatives";

/** What each status of `minimize` means: in a file of its own, so that a page with `minimize` alone has no others. */
export const minimizeMessages = {
  converged: "the tolerance was met",
  "max-iterations": "the iteration limit was reached",
  "time-limit": "the time limit was reached",
  stopped: "the caller stopped the method",
  "precision-limit": HIDDEN_DECREASE,
  "no-acceptable-step": `every trial step was rejected: ${HIDDEN_DECREASE}`,
  unbounded: "the objective falls without bound",
} as const;
