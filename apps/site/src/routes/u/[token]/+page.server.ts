import { error, fail } from "@sveltejs/kit";
import { readForm } from "#lib/server/http/read-form.ts";
import { cachedTopics } from "#lib/server/search/topics/cached-topics.ts";
import { type Site, site } from "#lib/server/site.ts";
import { choicesStamp, readTyped, typedFrom, typedIn } from "#lib/server/subscriptions/choices.ts";
import { describeSchedule } from "#lib/server/subscriptions/describe.ts";
import { subscriptionOptions } from "#lib/server/subscriptions/options.ts";
import {
  changeSubscription,
  forgetSubscription,
  maskedAddress,
  readSubscription,
  unsubscribe,
} from "#lib/server/subscriptions/preferences.ts";
import { previewDigest } from "#lib/server/subscriptions/preview.ts";
import type { Actions, PageServerLoad } from "./$types";

/** What is said of an address that no message has: most often a part of one. */
const INCOMPLETE =
  "This link is incomplete. Copy all of it from the message, or sign in to change your subscription.";

function subscriptionOf({ links }: Site, token: string): string {
  const id = links.readPreferences(token);
  if (!id) error(404, INCOMPLETE);
  return id;
}

export const load: PageServerLoad = async ({ params }) => {
  const own = await site();
  const { orm } = own.database;
  const subscription = await readSubscription(orm, subscriptionOf(own, params.token));
  const exportPath = `/u/${params.token}/export`;
  if (subscription?.status !== "active")
    return {
      subscription: null,
      address: subscription ? maskedAddress(subscription.email) : undefined,
      exportPath,
    };
  return {
    exportPath,
    address: maskedAddress(subscription.email),
    subscription: {
      stamp: choicesStamp(subscription),
      typed: typedFrom(subscription),
      options: subscriptionOptions(await cachedTopics(orm), subscription.tz),
      schedule: describeSchedule(subscription),
      preview: await previewDigest(orm, subscription, own.now()),
    },
  };
};

export const actions: Actions = {
  async default({ params, request }) {
    const own = await site();
    const { orm } = own.database;
    const id = subscriptionOf(own, params.token);
    const fields = await readForm(request);
    // As providers of mail send it (RFC 8058), and the page's own button.
    if (fields.get("List-Unsubscribe") === "One-Click") {
      await unsubscribe(orm, id, own.now());
      return { unsubscribed: true };
    }
    if (fields.get("action") === "delete") {
      if (fields.get("sure") !== "yes")
        return fail(400, { unsure: "Check the box to confirm that you want to delete your data." });
      await forgetSubscription(orm, id);
      return { deleted: true };
    }
    if (fields.get("action") !== "save")
      return fail(400, { unknown: "This form is not complete; nothing was changed." });
    const typed = typedIn(fields);
    const read = readTyped(typed);
    if (!("choices" in read)) return fail(400, { typed, messages: read.messages });
    const [stamp, current] = [fields.get("stamp"), await readSubscription(orm, id)];
    if (stamp && current && stamp !== choicesStamp(current))
      return fail(409, { typed, messages: {}, changed: true });
    await changeSubscription(orm, id, read.choices, own.now());
    return { saved: true };
  },
};
