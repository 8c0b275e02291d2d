import { fail, redirect } from "@sveltejs/kit";
import { ago } from "#lib/days.ts";
import { closeFlag, openFlags } from "#lib/server/moderation/flags.ts";
import { operatorOf } from "#lib/server/people/operators.ts";
import { site } from "#lib/server/site.ts";
import type { Actions, PageServerLoad } from "./$types";

export const load: PageServerLoad = async (event) => {
  operatorOf(event);
  const { database, now } = await site();
  const flags = await openFlags(database.orm);
  return { flags: flags.map(({ raisedAt, ...flag }) => ({ ...flag, raised: ago(raisedAt, now()) })) };
};

export const actions: Actions = {
  async close(event) {
    const person = operatorOf(event);
    const id = Number((await event.request.formData()).get("flag"));
    const { database, now } = await site();
    const closed =
      Number.isSafeInteger(id) && (await closeFlag(database.orm, id, { by: person.id, now: now() }));
    if (!closed) return fail(400, { message: "This flag is closed already." });
    redirect(303, "/operator/moderation");
  },
};
