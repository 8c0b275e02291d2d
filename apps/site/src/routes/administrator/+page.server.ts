import { error, redirect } from "@sveltejs/kit";
import {
  becomeAdministrator,
  hasAdministratorKey,
  keepAdministratorKey,
} from "#lib/server/people/administrators.ts";
import { site } from "#lib/server/site.ts";
import type { Actions, PageServerLoad } from "./$types";

/** The page for those who have the link that makes an administrator; to everybody else it does not exist. */
export const load: PageServerLoad = async ({ cookies, url, locals: { person } }) => {
  const { dataFolder: folder, now } = await site();
  const key = url.searchParams.get("key");
  // The key does not stay in the address.
  if (key !== null && keepAdministratorKey(key, { folder, now: now(), url, cookies }))
    redirect(303, "/administrator");
  if (!hasAdministratorKey(folder, now(), cookies)) error(404, "Not Found");
  return { email: person?.email };
};

export const actions: Actions = {
  async default({ cookies, locals: { person } }) {
    if (!person) redirect(303, "/sign-in?to=/administrator");
    const { database, dataFolder: folder, now } = await site();
    if (!(await becomeAdministrator(database.orm, person.id, { folder, now: now(), cookies })))
      error(404, "Not Found");
    redirect(303, "/operator");
  },
};
