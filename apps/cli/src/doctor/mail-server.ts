import type { MailServerSettings } from "@gradus/database/mail-settings";
import SMTPConnection from "nodemailer/lib/smtp-connection";
import { type Finding, finding } from "./check.ts";

/** Milliseconds that a server may take to answer. */
const PATIENCE = 20_000;
const SUBJECT = "Mail server";

/** What a failure says, on one line, without the password. */
function reasonOf(error: unknown, { credentials }: MailServerSettings): string {
  const text = error instanceof Error ? error.message : String(error);
  const line = text.replace(/\s+/g, " ").slice(0, 300);
  return credentials ? line.replaceAll(credentials.pass, "(password)") : line;
}

/** What to do about a failure, by what it says. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [/STARTTLS/, "this port offers no encryption; try another, such as smtps:// with 465"],
  [/wrong version number|packet length too long/, "this port does not begin encrypted; try smtp://"],
  [/Greeting never received/, "a port that begins encrypted, such as 465, needs smtps://"],
  [/HTTP\//, "that is a web server; check the port"],
  [/certificate has expired/, "renew the server's certificate"],
  [/altnames/, "use the name for which the certificate was made"],
  [/self[- ]signed|unable to (verify|get)/, "use a certificate that this machine trusts"],
  [/ECONNREFUSED/, "check the port, and whether the server runs"],
  [/ENOTFOUND|EAI_AGAIN/, "check the name of the host"],
];

function adviceOn(reason: string): string {
  const [, advice] = ADVICE.find(([words]) => words.test(reason)) ?? [];
  return advice === undefined ? "" : `; ${advice}`;
}

/**
 * Whether the server can be reached, encrypts the connection and accepts the password; sends nothing.
 *
 * @param signal ends the check: by a timeout it has failed
 * @throws the signal's reason when that is another
 */
export async function checkMailServer(server: MailServerSettings, signal: AbortSignal): Promise<Finding> {
  const { credentials, ...place } = server;
  const where = `${server.host}:${server.port}`;
  const connection = new SMTPConnection({
    ...place,
    ...{ connectionTimeout: PATIENCE, greetingTimeout: PATIENCE, socketTimeout: PATIENCE },
  });
  const step = (run: (done: (error?: Error | null) => void) => void) =>
    new Promise<void>((resolve, reject) => {
      const end = () => reject(signal.reason);
      if (signal.aborted) end();
      signal.addEventListener("abort", end, { once: true });
      connection.once("error", reject);
      run((error) => (error ? reject(error) : resolve()));
    });
  let connected = false;
  try {
    await step((done) => connection.connect(done));
    connected = true;
    if (credentials) await step((done) => connection.login({ credentials }, done));
  } catch (error) {
    // a server that answers without end would keep the connection open
    connection.close();
    if (signal.aborted) {
      if (!(signal.reason instanceof DOMException && signal.reason.name === "TimeoutError"))
        throw signal.reason;
      return finding(SUBJECT, "failed", `${where} takes too long to answer; check that it is a mail server`);
    }
    const what = connected ? "does not accept the password" : "cannot be connected to";
    const reason = reasonOf(error, server);
    return finding(SUBJECT, "failed", `${where} ${what}: ${reason}${adviceOn(reason)}`);
  } finally {
    connection.on("error", () => {});
    connection.quit();
  }
  const how = server.secure ? "encrypted from the beginning" : "encrypted (STARTTLS)";
  const password = credentials ? "accepts the password" : "asked for no password";
  return connection.secure
    ? finding(SUBJECT, "ok", `${where} answers, ${how}, and ${password}`)
    : finding(SUBJECT, "note", `${where} answers without encryption, and ${password}`);
}
