import { error } from "@sveltejs/kit";
import { site } from "#lib/server/site.ts";
import { exportSubscription } from "#lib/server/subscriptions/preferences.ts";
import type { RequestHandler } from "./$types";

/** All that is stored of a subscription, as a file for the person who gets its messages. */
export const GET: RequestHandler = async ({ params }) => {
  const { database, links } = await site();
  const id = links.readPreferences(params.token);
  const data = id && (await exportSubscription(database.orm, id));
  if (!data) error(404, "Not Found");
  return new Response(JSON.stringify(data, null, 2), {
    headers: {
      "content-type": "application/json",
      "content-disposition": 'attachment; filename="gradus-subscription.json"',
    },
  });
};
