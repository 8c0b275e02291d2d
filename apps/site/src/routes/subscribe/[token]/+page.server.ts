import { fail } from "@sveltejs/kit";
import { site } from "#lib/server/site.ts";
import { describeSchedule } from "#lib/server/subscriptions/describe.ts";
import { readSubscription } from "#lib/server/subscriptions/preferences.ts";
import { confirmSubscription } from "#lib/server/subscriptions/subscribe.ts";
import type { Actions } from "./$types";

export const actions: Actions = {
  async default({ params }) {
    const { database, links, now } = await site();
    const id = await confirmSubscription(database.orm, params.token, now());
    const subscription = id && (await readSubscription(database.orm, id));
    if (!id || !subscription) return fail(400, { invalid: true });
    return { schedule: describeSchedule(subscription), preferences: `/u/${links.preferences(id)}` };
  },
};
