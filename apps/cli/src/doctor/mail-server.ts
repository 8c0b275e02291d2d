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

/** Whether the server can be reached, encrypts the connection and accepts the password; sends nothing. */
export async function checkMailServer(server: MailServerSettings): Promise<Finding> {
  const { credentials, ...place } = server;
  const where = `${server.host}:${server.port}`;
  const connection = new SMTPConnection({
    ...place,
    ...{ connectionTimeout: PATIENCE, greetingTimeout: PATIENCE, socketTimeout: PATIENCE },
  });
  const step = (run: (done: (error?: Error | null) => void) => void) =>
    new Promise<void>((resolve, reject) => {
      connection.once("error", reject);
      run((error) => (error ? reject(error) : resolve()));
    });
  let connected = false;
  try {
    await step((done) => connection.connect(done));
    connected = true;
    if (credentials) await step((done) => connection.login({ credentials }, done));
  } catch (error) {
    const what = connected ? "does not accept the password" : "cannot be connected to";
    return finding(SUBJECT, "failed", `${where} ${what}: ${reasonOf(error, server)}`);
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
