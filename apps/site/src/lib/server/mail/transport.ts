import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import {
  type MailSender,
  type MailServerSettings,
  type MailSigning,
  mailSender,
  mailServer,
  mailSigning,
} from "@gradus/database/mail-settings";
import { makeFolder, makeFolders } from "@gradus/database/make-folder";
import { createTransport } from "nodemailer";
import SMTPConnection from "nodemailer/lib/smtp-connection";
import { freshToken } from "../tokens.ts";

/** A message to one person. */
export interface MailMessage {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Stable, so that a receiver can tell a message that came twice. */
  readonly messageId: string;
  /** Header fields beside the usual ones. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Where a server reports that it could not deliver the message; the sender by default. */
  readonly returnPath?: string;
}

/** How a message fared that was not taken. */
export type Refusal =
  /** It will never be taken. */
  | "refused"
  /** It was not taken now. */
  | "later"
  /** Nobody can be reached: the same would happen to the next. */
  | "unreachable"
  /** The connection ended before the answer came: it may have been taken. */
  | "unknown";

/** A message was not taken, or may not have been. */
export class MailError extends Error {
  override name = "MailError";
  readonly refusal: Refusal;
  /** What a server answered: an enhanced status code (RFC 3463) or the code of its reply. */
  readonly status?: string;
  /** Whether that was about the recipient. */
  readonly ofRecipient: boolean;

  constructor(refusal: Refusal, cause: unknown) {
    super(`mail was not taken (${refusal})`, { cause });
    this.refusal = refusal;
    const { responseCode, response, command }: Readonly<Record<string, unknown>> = Object(cause);
    const enhanced = /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})\b/.exec(String(response));
    if (typeof responseCode === "number") this.status = enhanced?.[1] ?? String(responseCode);
    this.ofRecipient = command === "RCPT TO";
  }
}

/** Where messages go. */
export interface MailTransport {
  /** The domain of the sender's address. */
  readonly domain: string;
  /** The folder that they are written to, and the key to the page that shows them; undefined with a mail server. */
  readonly folder?: { readonly path: string; readonly key: string };
  /**
   * Hands a message over. What is under way when the signal is aborted has a few seconds to end.
   *
   * @throws MailError when it was not taken
   */
  send(message: MailMessage, signal?: AbortSignal): Promise<void>;
}

/** Milliseconds that a mail server may take to greet, and until it asks for the message itself. */
const PATIENCE = 20_000;
const ASK_PATIENCE = 60_000;
/** Milliseconds that it may take with a message (RFC 5321, 4.5.3.2.6): whoever hangs up earlier sends it twice. */
const ANSWER_PATIENCE = 600_000;
/** Milliseconds that it may take when the site stops, which waits 10 s for its jobs. */
const STOP_PATIENCE = 5_000;
/** Readable by the owner only: messages sign people in. */
const PRIVATE = 0o600;
/** What messages may not make nodemailer read. */
const CLOSED = { disableFileAccess: true, disableUrlAccess: true } as const;

/** Where the key to the page of the messages is, in their folder. */
export const KEY_FILE = "key";

const usualHeaders = { "Auto-Submitted": "auto-generated" };

const composer = createTransport({ streamTransport: true, buffer: true, newline: "windows" });

/** By whom messages are sent, and how they are signed. */
interface Sender extends MailSender {
  readonly signing?: MailSigning;
}

/** A message as it is sent (RFC 5322). */
async function compose(
  { to, subject, text, html, messageId, headers }: MailMessage,
  { from, signing }: Sender,
): Promise<Buffer> {
  const { message: bytes } = await composer.sendMail({
    ...{ to, subject, text, html, messageId, from, ...CLOSED },
    headers: { ...usualHeaders, ...headers },
    dkim: signing,
  });
  if (!Buffer.isBuffer(bytes)) throw new Error("the message was not composed in memory");
  return bytes;
}

/** The suffix of files that are still being written. */
const DRAFT = ".draft";

/** The key to the page that shows the messages, in a file beside them that the owner alone can read. */
function keyOf(folder: string): string {
  const file = join(folder, KEY_FILE);
  // A full disk leaves an empty file, whose key anybody has.
  const kept = existsSync(file) ? readFileSync(file, "utf8") : "";
  if (kept !== "") return kept;
  const { token } = freshToken();
  writeFileSync(`${file}${DRAFT}`, token, { mode: PRIVATE });
  renameSync(`${file}${DRAFT}`, file);
  return token;
}

/** Makes the folder and removes what a process left that ended while it wrote; its message is sent again or given up. */
function prepareFolder(folder: string, setting: string): void {
  makeFolder(folder, setting, 0o700);
  for (const name of readdirSync(folder).filter((one) => one.endsWith(DRAFT)))
    rmSync(join(folder, name), { force: true });
}

/** Writes messages to the folder of a setting, one file each, for a site without a mail server. */
function folderTransport(folder: string, setting: string, sender: Sender): MailTransport {
  prepareFolder(folder, setting);
  return {
    domain: sender.domain,
    folder: { path: folder, key: keyOf(folder) },
    async send(message) {
      const bytes = await compose(message, sender);
      const name = `${new Date().toISOString().replace(/[-:]|\.\d+/g, "")}-${randomUUID().slice(0, 8)}.eml`;
      const draft = join(folder, `${name}${DRAFT}`);
      try {
        makeFolders(folder, 0o700);
        await writeFile(draft, bytes, { mode: PRIVATE });
        await rename(draft, join(folder, name));
      } catch (error) {
        await rm(draft, { force: true }).catch(() => undefined);
        throw new MailError("unreachable", error);
      }
    },
  };
}

/** What a server that answered says of a message, by its code and the command that it answers. */
function refusalOf(error: unknown): Refusal {
  const { responseCode, command }: { responseCode?: unknown; command?: unknown } = Object(error);
  // What is said of the sender or of a password would be said of every message.
  if (!["RCPT TO", "DATA"].includes(String(command))) return "unreachable";
  return Number(responseCode) >= 500 ? "refused" : "later";
}

/** Hands messages to a mail server, over a connection for each. */
function serverTransport(server: MailServerSettings, sender: Sender): MailTransport {
  const { credentials, ...place } = server;
  const options = {
    ...place,
    ...{ connectionTimeout: PATIENCE, greetingTimeout: PATIENCE, socketTimeout: ANSWER_PATIENCE },
  };
  return {
    domain: sender.domain,
    async send(message, signal) {
      const bytes = await compose(message, sender);
      const from = message.returnPath ?? sender.address;
      const connection = new SMTPConnection(options);
      // What it means that the server says nothing any more.
      let silence = (): Refusal => "unreachable";
      let asking: NodeJS.Timeout | undefined;
      let stopping: NodeJS.Timeout | undefined;
      let stop = () => {};
      const body = new Readable({
        read() {
          // The server has asked for the message itself: from now on it may have it.
          silence = () => "unknown";
          clearTimeout(asking);
          this.push(bytes);
          this.push(null);
        },
      });
      try {
        await new Promise<void>((resolve, reject) => {
          const then = (next: () => void) => (error?: Error | null) => (error ? reject(error) : next());
          const send = () => {
            // A server may hang up on one recipient and take the mail for others. One that has not even answered to the
            // sender would hang up on everybody.
            connection.lastServerResponse = false;
            silence = () => (connection.lastServerResponse === false ? "unreachable" : "later");
            connection.send({ from, to: [message.to] }, body, then(resolve));
          };
          const login = () => (credentials ? connection.login({ credentials }, then(send)) : send());
          connection.once("error", reject);
          const giveUp = () => reject(new Error("the mail server did not answer in time"));
          asking = setTimeout(giveUp, ASK_PATIENCE);
          stop = () => {
            stopping = setTimeout(giveUp, STOP_PATIENCE);
          };
          if (signal?.aborted) stop();
          else signal?.addEventListener("abort", stop);
          connection.connect(then(login));
        });
        connection.quit();
      } catch (error) {
        connection.close();
        const answered = typeof Object(error).responseCode === "number";
        throw new MailError(answered ? refusalOf(error) : silence(), error);
      } finally {
        clearTimeout(asking);
        clearTimeout(stopping);
        signal?.removeEventListener("abort", stop);
        connection.on("error", () => {});
      }
    },
  };
}

/**
 * Where an environment wants messages to go: to the server of `GRADUS_SMTP_URL`, or to a folder beside the embedded
 * database.
 *
 * @throws Error when the server's address is none, or the site's own address is not set: links in mail need it
 */
export function openMail(environment: NodeJS.ProcessEnv): MailTransport {
  const { ORIGIN: origin, GRADUS_DATABASE_DIR: database = ".gradus/database" } = environment;
  const server = mailServer(environment);
  const own = mailSender(environment);
  const sender = { ...own, signing: mailSigning(environment, own.domain) };
  const { GRADUS_MAIL_DIR: folder } = environment;
  if (!server && folder) return folderTransport(folder, "GRADUS_MAIL_DIR", sender);
  if (!server) return folderTransport(join(dirname(database), "mail"), "GRADUS_DATABASE_DIR", sender);
  if (!origin)
    throw new Error(
      "ORIGIN must be the public URL of the site when GRADUS_SMTP_URL is set: mail contains links to it",
    );
  return serverTransport(server, sender);
}
