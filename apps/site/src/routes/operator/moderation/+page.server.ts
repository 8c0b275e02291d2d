import { ago } from "#lib/days.ts";
import { openFlags } from "#lib/server/moderation/flags.ts";
import { decisions } from "#lib/server/operator/decisions.ts";
import { formAction } from "#lib/server/operator/form-action.ts";
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
  close: formAction(decisions.moderation.close, "flag", () => "/operator/moderation"),
};
