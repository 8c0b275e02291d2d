import { fail } from "@sveltejs/kit";
import { ago } from "#lib/days.ts";
import { jobLabel } from "#lib/job-names.ts";
import { failedRuns } from "#lib/server/jobs/failed-runs.ts";
import { jobStates } from "#lib/server/jobs/job-states.ts";
import { operatorOf } from "#lib/server/people/operators.ts";
import { site } from "#lib/server/site.ts";
import type { Actions, PageServerLoad } from "./$types";

/** The most failures that the page lists. */
const SHOWN = 50;

export const load: PageServerLoad = async (event) => {
  operatorOf(event);
  const { database, jobs } = await site();
  const [states, failures] = await Promise.all([
    jobStates(database.orm, jobs.names),
    failedRuns(database.orm, jobs.names, SHOWN),
  ]);
  // The queue's instants are the database's, also where the site's clock is stopped.
  const now = new Date();
  return {
    jobs: states.map(({ name, succeeded, failed, waiting }) => ({
      name,
      label: jobLabel(name),
      ok: succeeded && ago(succeeded, now),
      failed: failed && (!succeeded || failed > succeeded) ? ago(failed, now) : undefined,
      waiting,
    })),
    failures: failures.map(({ job, at, ...run }) => ({ ...run, label: jobLabel(job), at: ago(at, now) })),
  };
};

export const actions: Actions = {
  async run(event) {
    operatorOf(event);
    const { jobs } = await site();
    const name = String((await event.request.formData()).get("job") ?? "");
    if (!jobs.names.includes(name)) return fail(400, { message: "This site has no such job." });
    await jobs.request(name);
    return { requested: jobLabel(name) };
  },
};
