/** What each status of `minimize` means: apart, so that a page with it alone has no others. */
export const minimizeMessages = {
  converged: "the tolerance was met",
  "max-iterations": "the iteration limit was reached",
  "time-limit": "the time limit was reached",
  stopped: "the caller stopped the method",
  "precision-limit": "rounding of the value hides any further decrease",
  "no-acceptable-step":
    "every trial step was rejected: rounding hides any further decrease, or a derivative is wrong",
  unbounded: "the objective falls without bound",
} as const;

/** What each status means, as one line for people. */
export const statusMessages = {
  ...minimizeMessages,
  "singular-jacobian": "the rows of the constraint Jacobian are linearly dependent, or nearly so",
  separated: "every margin is positive",
  "margin-reached": "the margin asked for was reached",
  "evaluation-limit": "the limit of evaluations was reached",
  "target-missed": "the method ended before the target was reached",
  collapsed: "all particles are at one point",
  stationary: "the method cannot move: its update is zero",
  "oracle-limit": "the limit on gradient evaluations was reached",
  "gap-open": "the program was solved, but the certificate leaves a gap above the tolerance",
  "inner-not-converged": "the lower level was not solved to its tolerance",
} as const;

/** Why a method of this module ended: one closed list for all of them, of which each method gives a part. */
export type OptimizationStatus = keyof typeof statusMessages;
