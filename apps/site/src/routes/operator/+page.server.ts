import { attention } from "#lib/server/operator/attention.ts";
import { mayOperate, operatorOf } from "#lib/server/people/operators.ts";
import { site } from "#lib/server/site.ts";
import type { PageServerLoad } from "./$types";

export const load: PageServerLoad = async (event) => {
  const person = operatorOf(event);
  const { database, jobs } = await site();
  const found = await attention({ orm: database.orm, jobs: jobs.names });
  return { attention: found.filter(({ path }) => mayOperate(person, path)) };
};
