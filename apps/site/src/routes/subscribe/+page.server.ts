import { fail } from "@sveltejs/kit";
import { dateLabel } from "#lib/days.ts";
import { readForm } from "#lib/server/http/read-form.ts";
import { readsMail } from "#lib/server/mail/reader.ts";
import { tooManyRequests } from "#lib/server/pages/too-many-requests.ts";
import { cachedTopics } from "#lib/server/search/topics/cached-topics.ts";
import { site } from "#lib/server/site.ts";
import { readTyped, typedFrom, typedIn, usualChoices } from "#lib/server/subscriptions/choices.ts";
import { formStamp, isOldEnough } from "#lib/server/subscriptions/form-age.ts";
import { localDay } from "#lib/server/subscriptions/local-time.ts";
import { subscriptionOptions } from "#lib/server/subscriptions/options.ts";
import { type DuePreview, previewAllowance, previewChoices } from "#lib/server/subscriptions/preview.ts";
import {
  ADDRESS_MESSAGE,
  isCompleteAddress,
  requestSubscription,
  subscribeAllowance,
  subscribeLimitMessage,
} from "#lib/server/subscriptions/subscribe.ts";
import type { Actions, PageServerLoad } from "./$types";

export const load: PageServerLoad = async ({ url: { searchParams }, locals: { person } }) => {
  const { database, formKey } = await site();
  const options = subscriptionOptions(await cachedTopics(database.orm));
  const known = new Set(options.topics.map(({ slug }) => slug));
  const usual = typedFrom(usualChoices);
  return {
    options,
    email: person?.email ?? "",
    // The real time, also where the site's clock is stopped.
    stamp: formStamp(formKey, new Date()),
    typed: {
      ...usual,
      topics: searchParams.getAll("topic").filter((slug) => known.has(slug)),
      keywords: (searchParams.get("keyword") ?? "").slice(0, 300),
      min_votes: /^\d{1,6}$/.exec(searchParams.get("min_votes") ?? "")?.[0] ?? usual.min_votes,
    },
  };
};

export const actions: Actions = {
  async default({ request, url, cookies, getClientAddress, setHeaders }) {
    const fields = await readForm(request);
    const typed = typedIn(fields);
    const email = String(fields.get("email") ?? "")
      .trim()
      .slice(0, 300);
    const again = { email, typed };
    const read = readTyped(typed);
    const messages = "messages" in read ? { ...read.messages } : {};
    if (fields.get("action") === "preview") {
      if (!("choices" in read)) return fail(400, { ...again, messages });
      const { allowed, seconds } = previewAllowance(getClientAddress());
      if (!allowed)
        return tooManyRequests({ setHeaders }, seconds, {
          ...again,
          messages: { preview: `Too many previews from your network. Try again in ${seconds} s.` },
        });
      const { database, now } = await site();
      const { choices } = read;
      const { earlier, ...last } = await previewChoices(database.orm, choices, now());
      const shown = ({ due, papers }: DuePreview) => {
        // The day on the reader's calendar.
        const day = new Date(`${localDay(due, choices.tz)}T00:00:00Z`);
        return { papers, on: dateLabel(day, now()) };
      };
      return { ...again, messages, preview: { ...shown(last), earlier: earlier && shown(earlier) } };
    }
    const allowance = subscribeAllowance(getClientAddress());
    if (!allowance.allowed) {
      const limited = { ...again, messages: { email: subscribeLimitMessage(allowance) } };
      return tooManyRequests({ setHeaders }, allowance.seconds, limited);
    }
    if (!isCompleteAddress(email)) messages.email = ADDRESS_MESSAGE;
    if (!("choices" in read) || messages.email) return fail(400, { ...again, messages });
    const { database, jobs, mail, now, formKey } = await site();
    // Programs fill what people do not see, and do so at once; they are answered as everybody else.
    const byPerson =
      !fields.get("website") && isOldEnough(formKey, String(fields.get("stamp") ?? ""), new Date());
    if (byPerson) {
      const network = getClientAddress();
      const { choices } = read;
      await requestSubscription(database.orm, { email, choices, network, origin: url.origin, now: now() });
      void jobs.request("subscriptions").catch(() => undefined);
    }
    // No failure: this is how a page is given its status.
    return fail(202, {
      accepted: email,
      folder: mail.folder !== undefined,
      showsMail: readsMail(mail, cookies),
    });
  },
};
