import {
  bounceSecret,
  incomingAddress,
  type MailSender,
  mailSender,
  mailServer,
  mailSigning,
  type Settings,
} from "@gradus/database/mail-settings";
import { type Finding, finding, readSetting } from "./check.ts";
import { checkDkim } from "./dkim.ts";
import { acceptsMail, type Dns, unlessUnreachable } from "./dns.ts";
import { checkDmarc, checkSpf } from "./sender-policy.ts";

/** What the checks are done with. */
export interface MailChecks {
  readonly settings: Settings;
  readonly dns: Dns;
  /** The address to which a test message is sent; none is sent without it. */
  readonly to?: string;
  /** Ends the checks. */
  readonly signal: AbortSignal;
}

/** Milliseconds that the check of the server may take in all. */
const SERVER_PATIENCE = 40_000;

function checkOrigin({ ORIGIN: origin }: Settings): Finding {
  const say = (state: Finding["state"], text: string) => finding("Site", state, text);
  if (!origin) return say("failed", "ORIGIN is not set: links in mail need the site's public URL");
  if (!URL.canParse(origin) || new URL(origin).origin !== origin)
    return say("failed", `ORIGIN must be a URL such as https://papers.example.org, got "${origin}"`);
  return origin.startsWith("https:")
    ? say("ok", origin)
    : say("failed", `${origin} is not https: one-click unsubscribing needs it (RFC 8058)`);
}

function checkSender({ from, domain }: MailSender): Finding {
  return domain.includes(".")
    ? finding("Sender", "ok", from)
    : finding("Sender", "failed", `${from} is no address that can be answered; set GRADUS_MAIL_FROM`);
}

async function checkServer(
  { settings, to, signal }: MailChecks,
  sender: MailSender | undefined,
): Promise<Finding[]> {
  const read = readSetting("Mail server", () => mailServer(settings));
  if ("wrong" in read) return [read.wrong];
  const server = read.value;
  if (!server)
    return [
      finding(
        "Mail server",
        "failed",
        "GRADUS_SMTP_URL is not set: messages are written to a folder, not sent",
      ),
    ];
  const { checkMailServer } = await import("./mail-server.ts");
  const found = await checkMailServer(
    server,
    AbortSignal.any([signal, AbortSignal.timeout(SERVER_PATIENCE)]),
  );
  if (to === undefined || sender === undefined || found.state === "failed") return [found];
  const signing = readSetting("DKIM key", () => mailSigning(settings, sender.domain));
  const { sendTestMessage } = await import("./test-message.ts");
  return [
    found,
    await sendTestMessage(to, { server, sender, signing: "value" in signing ? signing.value : undefined }),
  ];
}

async function checkSigning({ settings, dns }: MailChecks, domain: string): Promise<Finding[]> {
  const read = readSetting("DKIM key", () => mailSigning(settings, domain));
  if ("wrong" in read) return [read.wrong];
  if (!read.value)
    return [
      finding("DKIM key", "note", "GRADUS_DKIM_KEY is not set: the mail server must sign for the domain"),
    ];
  return checkDkim(dns, read.value);
}

async function checkIncoming({ settings, dns }: MailChecks): Promise<Finding[]> {
  const read = readSetting("Incoming mail", () => incomingAddress(settings));
  if ("wrong" in read) return [read.wrong];
  const secret = readSetting("Posted mail", () => bounceSecret(settings));
  const address = read.value;
  if (!address)
    return [
      finding(
        "Incoming mail",
        "note",
        "GRADUS_MAIL_INCOMING is not set: bounces and mailed unsubscribe requests are not read",
      ),
    ];
  const domain = address.slice(address.indexOf("@") + 1);
  const arrives = await unlessUnreachable("Incoming mail", async () =>
    (await acceptsMail(dns, domain))
      ? finding("Incoming mail", "ok", `${address}; ${domain} accepts mail`)
      : finding(
          "Incoming mail",
          "failed",
          `${domain} accepts no mail, so nothing comes to ${address}; add an MX record`,
        ),
  );
  if ("wrong" in secret) return [arrives, secret.wrong];
  return secret.value === undefined
    ? [
        arrives,
        finding(
          "Posted mail",
          "ok",
          "off (GRADUS_BOUNCE_SECRET is not set): messages come by gradus mail bounce",
        ),
      ]
    : [arrives, finding("Posted mail", "ok", "on, with signatures of GRADUS_BOUNCE_SECRET")];
}

/** What the DNS says of the sender's domain. */
async function checkDomain(checks: MailChecks, { domain }: MailSender): Promise<Finding[]> {
  const groups = await Promise.all([
    checkSigning(checks, domain),
    checkSpf(checks.dns, domain),
    checkDmarc(checks.dns, domain),
  ]);
  return groups.flat();
}

/** Checks the mail of a site: settings, server, signatures, what the DNS says of its domain, and what comes back. */
export async function checkMail(checks: MailChecks): Promise<Finding[]> {
  const { settings } = checks;
  const read = readSetting("Sender", () => mailSender(settings));
  const sender = "value" in read ? read.value : undefined;
  const operator = settings.GRADUS_OPERATOR
    ? finding("Operator", "ok", "digests say who runs the site")
    : finding(
        "Operator",
        "note",
        "GRADUS_OPERATOR is not set: digests must say who sends them and how to reach them",
      );
  const groups = await Promise.all([
    [checkOrigin(settings), "wrong" in read ? read.wrong : checkSender(read.value), operator],
    checkServer(checks, sender),
    sender ? checkDomain(checks, sender) : [],
    checkIncoming(checks),
  ]);
  return groups.flat();
}
