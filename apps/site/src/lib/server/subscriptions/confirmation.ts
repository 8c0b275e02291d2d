import { and, eq, gt, inArray } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { lockConfirmations } from "../database/row-locks.ts";
import { subscriptions, subscriptionTokens } from "../database/schema/index.ts";
import { escaped, mailButton, mailHtml, SMALL } from "../mail/html.ts";
import type { MailHandling } from "../mail/outbox.ts";
import { wrapped } from "../mail/wrap.ts";
import { cachedTopics } from "../search/topics/cached-topics.ts";
import { freshToken } from "../tokens.ts";
import { describeChoices } from "./describe.ts";

/** Hours from its hand-over that a link confirms. */
export const CONFIRM_HOURS = 72;
const HOUR = 3_600_000;
/** The most hours that a message may wait between being composed and being handed over. */
const SLACK_HOURS = 48;

const after = (now: Date, hours: number) => new Date(now.getTime() + hours * HOUR);

/** How messages are composed that ask the owner of an address to confirm. */
export function confirmationMail(
  orm: Orm,
  { now, domain }: { now(): Date; readonly domain: string },
): MailHandling<"confirm"> {
  return {
    resend: true,
    // A suppressed address can ask for mail again.
    toSuppressed: true,
    async compose({ id, recipient, details: { subscription, choices, consent, origin } }) {
      const [known] = await orm
        .select({ status: subscriptions.status })
        .from(subscriptions)
        .where(eq(subscriptions.id, subscription));
      if (!known || known.status === "unsubscribed") return undefined;
      const { token, hash } = freshToken();
      await orm.insert(subscriptionTokens).values({
        ...{ tokenHash: hash, subscriptionId: subscription, purpose: "confirm", choices, consent },
        expiresAt: after(now(), CONFIRM_HOURS + SLACK_HOURS),
      });
      const link = `${origin}/subscribe/${token}`;
      const { host } = new URL(origin);
      const active = known.status === "active";
      const intro = active
        ? `Somebody, probably you, asked to change what gradus at ${host} sends to this address:`
        : `Somebody, probably you, asked gradus at ${host} to send papers to this address:`;
      const notes = [
        `Nothing ${active ? "changes" : "is sent"} until you confirm. The link works once and expires in ${CONFIRM_HOURS} hours.`,
        "If you did not ask for this, ignore this message.",
      ];
      const topics = await cachedTopics(orm);
      const what = `${describeChoices(choices, new Map(topics.map(({ slug, label }) => [slug, label])))}.`;
      const button = active ? "Confirm the change" : "Confirm the subscription";
      const subject = `${button} (gradus at ${host})`;
      return {
        to: recipient,
        subject,
        text: [
          wrapped(intro),
          wrapped(what),
          "Open this link to confirm:",
          link,
          ...notes.map((note) => wrapped(note)),
        ].join("\n\n"),
        html: mailHtml(subject, [
          `<p>${escaped(intro)}</p>`,
          `<p>${escaped(what)}</p>`,
          mailButton(link, button),
          ...notes.map((note) => `<p style="${SMALL}">${escaped(note)}</p>`),
        ]),
        messageId: `<confirm.${id}@${domain}>`,
      };
    },
    async ended(transaction, mails) {
      // Life begins with the hand-over.
      const links = and(
        inArray(
          subscriptionTokens.subscriptionId,
          mails.map(({ details: { subscription } }) => subscription),
        ),
        gt(subscriptionTokens.expiresAt, after(now(), CONFIRM_HOURS)),
      );
      await lockConfirmations(transaction, links);
      await transaction
        .update(subscriptionTokens)
        .set({ expiresAt: after(now(), CONFIRM_HOURS) })
        .where(links);
    },
  };
}
