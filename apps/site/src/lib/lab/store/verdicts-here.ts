import { claimVerdicts, type Verdict } from "@gradus/papers";
import { latestUnmodifiedRuns } from "./run.ts";
import { listRuns } from "./runs.ts";

/**
 * The verdict on each claim of a paper by the runs that this browser keeps, in the order of the claims.
 * Lists load this for papers without official verdicts only.
 * @throws Error when the browser keeps nothing
 */
export async function verdictsHere(slug: string, claims: readonly string[]): Promise<readonly Verdict[]> {
  const paper = { slug, claims: claims.map((id) => ({ id })) };
  return claimVerdicts(paper, latestUnmodifiedRuns(await listRuns(slug))).map(({ verdict }) => verdict);
}
