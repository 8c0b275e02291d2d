import { randomUUID } from "node:crypto";
import type { MailSender, MailServerSettings, MailSigning } from "@gradus/database/mail-settings";
import { createTransport } from "nodemailer";
import { type Finding, finding } from "./check.ts";

/** Milliseconds without an answer after which the message counts as not taken: servers may check what it contains. */
const PATIENCE = 120_000;

/** Sends a message that says that it is a test, signed as the site's own. */
export async function sendTestMessage(
  to: string,
  { server, sender, signing }: { server: MailServerSettings; sender: MailSender; signing?: MailSigning },
): Promise<Finding> {
  const { credentials: auth, ...place } = server;
  const transport = createTransport({
    ...{ ...place, auth, dkim: signing },
    ...{ connectionTimeout: PATIENCE, greetingTimeout: PATIENCE, socketTimeout: PATIENCE },
  });
  try {
    const { response } = await transport.sendMail({
      ...{
        to,
        from: sender.from,
        subject: "Test of gradus",
        disableFileAccess: true,
        disableUrlAccess: true,
      },
      text: "This message was sent by gradus doctor mail. Its header says whether SPF, DKIM and DMARC passed.",
      messageId: `<test.${randomUUID()}@${sender.domain}>`,
      headers: { "Auto-Submitted": "auto-generated" },
    });
    return finding("Test message", "ok", `the server took it for ${to} (${response.replace(/\s+/g, " ")})`);
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/\s+/g, " ") : String(error);
    return finding("Test message", "failed", `not taken for ${to}: ${reason}`);
  } finally {
    transport.close();
  }
}
