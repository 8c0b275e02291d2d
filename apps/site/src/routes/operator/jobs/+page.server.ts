import { ago, until } from "#lib/days.ts";
import { decisions } from "#lib/server/operator/decisions.ts";
import { formAction } from "#lib/server/operator/form-action.ts";
import { jobsOverview } from "#lib/server/operator/jobs-overview.ts";
import { operatorOf } from "#lib/server/people/operators.ts";
import { site } from "#lib/server/site.ts";
import { outageView } from "#lib/server/status/site-status.ts";
import type { Actions, PageServerLoad } from "./$types";

export const load: PageServerLoad = async (event) => {
  operatorOf(event);
  const own = await site();
  const [{ jobs, failures }, outage] = await Promise.all([jobsOverview(own), outageView(own.database.orm)]);
  // The queue's instants are the database's, also where the site's clock is stopped.
  const now = new Date();
  return {
    jobs: jobs.map(({ name, label, succeeded, failed, failing, next, running, waiting }) => ({
      name,
      label,
      ok: succeeded && ago(succeeded, now),
      failed: failing && failed ? ago(failed, now) : undefined,
      next: next && until(next, now),
      running,
      waiting,
    })),
    outage,
    failures: failures.map(({ label, at, attempts, next, reason }) => ({
      ...{ label, attempts, reason },
      at: ago(at, now),
      next: next && until(next, now),
    })),
  };
};

export const actions: Actions = {
  run: formAction(decisions.jobs.run, "job"),
};
