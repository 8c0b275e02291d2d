import { ago } from "#lib/days.ts";
import { decisions } from "#lib/server/operator/decisions.ts";
import { formAction } from "#lib/server/operator/form-action.ts";
import { jobsOverview } from "#lib/server/operator/jobs-overview.ts";
import { operatorOf } from "#lib/server/people/operators.ts";
import { site } from "#lib/server/site.ts";
import type { Actions, PageServerLoad } from "./$types";

export const load: PageServerLoad = async (event) => {
  operatorOf(event);
  const { jobs, failures } = await jobsOverview(await site());
  // The queue's instants are the database's, also where the site's clock is stopped.
  const now = new Date();
  return {
    jobs: jobs.map(({ name, label, succeeded, failed, failing, waiting }) => ({
      name,
      label,
      ok: succeeded && ago(succeeded, now),
      failed: failing && failed ? ago(failed, now) : undefined,
      waiting,
    })),
    failures: failures.map(({ label, at, attempts, again, reason }) => ({
      ...{ label, attempts, again, reason },
      at: ago(at, now),
    })),
  };
};

export const actions: Actions = {
  run: formAction(decisions.jobs.run, "job"),
};
