import { escaped, mailHtml, SMALL } from "../mail/html.ts";
import type { MailHandling } from "../mail/outbox.ts";
import { wrapped } from "../mail/wrap.ts";

/** How the old address of an account is told that it has another now: whoever did not change it can still act. */
export function addressChangedMail(operator: string | undefined): MailHandling<"address-changed"> {
  return {
    resend: true,
    async compose({ id, recipient, details: { origin } }) {
      const { host, hostname } = new URL(origin);
      const subject = `Your account has another address (${host})`;
      const intro = `The gradus account at ${host} that signed in with this address has another address now. Links that sign in go there, and so do the papers that it subscribed to.`;
      const notes = [
        "If you changed it, there is nothing to do.",
        "If you did not, somebody else has the account: write to whoever runs the site.",
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
