import type { AcceptedStep, SearchResult } from "./contract.ts";

/** The step of a search that must have found one. */
export function acceptedStep(result: SearchResult): AcceptedStep {
  if (result.status !== "accepted") throw new Error(result.message);
  return result;
}
