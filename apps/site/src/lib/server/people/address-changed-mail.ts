import { escaped, mailHtml, SMALL } from "../mail/html.ts";
import type { MailHandling } from "../mail/outbox.ts";
import { wrapped } from "../mail/wrap.ts";

/** How the old address of an account is told that it has another now: whoever did not change it can still act. */
export function addressChangedMail(operator: string | undefined): MailHandling<"address-changed"> {
  return {
    resend: true,
    async compose({ id, recipient, details: { origin } }) {
      const { host, hostname } = new URL(origin);
      const subject = `The address of your account was changed (${host})`;
      const intro = `Your gradus account at ${host} has a new email address. Sign-in links and digests go there from now on, and no longer to this address.`;
      const notes = [
        "If you changed it, there is nothing to do.",
        "If you did not, somebody else can use your account: write to the operator of the site.",
        ...(operator ? [operator] : []),
      ];
      return {
        to: recipient,
        subject,
        text: [intro, ...notes].map((part) => wrapped(part)).join("\n\n"),
        html: mailHtml(subject, [
          `<p>${escaped(intro)}</p>`,
          ...notes.map((note) => `<p style="${SMALL}">${escaped(note)}</p>`),
        ]),
        messageId: `<address-changed.${id}@${hostname}>`,
      };
    },
  };
}
