import { minimizeMessages } from "./minimize-messages.ts";

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
