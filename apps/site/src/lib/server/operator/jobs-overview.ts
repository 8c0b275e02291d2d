import { jobLabel } from "#lib/job-names.ts";
import { type FailedRun, failedRuns } from "../jobs/failed-runs.ts";
import { isFailing, type JobState, jobStates } from "../jobs/job-states.ts";
import type { Site } from "../site.ts";

/** The most failures that are listed. */
const SHOWN = 50;

/** A job as operators see it. */
export interface JobView extends JobState {
  readonly label: string;
  readonly failing: boolean;
}

/** A failed run, with what its job is called. */
export interface FailureView extends FailedRun {
  readonly label: string;
}

/** How the site's jobs fare, and the latest runs that failed. */
export async function jobsOverview({
  database: { orm },
  jobs: { names },
}: Pick<Site, "database" | "jobs">): Promise<{
  readonly jobs: readonly JobView[];
  readonly failures: readonly FailureView[];
}> {
  const [states, failures] = await Promise.all([jobStates(orm, names), failedRuns(orm, names, SHOWN)]);
  return {
    jobs: states.map((state) => ({ ...state, label: jobLabel(state.name), failing: isFailing(state) })),
    failures: failures.map((run) => ({ ...run, label: jobLabel(run.job) })),
  };
}
