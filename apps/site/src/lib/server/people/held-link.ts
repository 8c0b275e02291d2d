import { countLabel } from "#lib/days.ts";
import type { MailHeld } from "../mail/outbox.ts";

/** Tells a reader why no link was sent to an address, in the same words whether it has an account or not. */
export function heldLinkMessage(email: string, { seconds, recent }: MailHeld): string {
  if (recent)
    return `No new message was sent: a link for ${email} was requested less than a minute ago. Use that one, or ask again in ${countLabel(seconds, "second")}.`;
  const wait = countLabel(Math.ceil(seconds / 60), "minute");
  return `No message was sent: too many links were requested in the last hour. Ask again in ${wait}.`;
}
