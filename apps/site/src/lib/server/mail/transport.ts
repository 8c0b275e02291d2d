import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { createTransport } from "nodemailer";
import SMTPConnection from "nodemailer/lib/smtp-connection";
import { secretSetting } from "../secrets.ts";
import { freshToken } from "../tokens.ts";

/** A message to one person. */
export interface MailMessage {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Stable, so that a receiver can tell a message that came twice. */
  readonly messageId: string;
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

  constructor(refusal: Refusal, cause: unknown) {
    super(`mail was not taken (${refusal})`, { cause });
    this.refusal = refusal;
  }
}

/** Where messages go. */
export interface MailTransport {
  /** The folder that they are written to, and the key to the page that shows them; undefined with a mail server. */
  readonly folder?: { readonly path: string; readonly key: string };
  /**
   * Hands a message over.
   *
   * @throws MailError when it was not taken
   */
  send(message: MailMessage): Promise<void>;
}

/** Milliseconds that a mail server may take to greet, and to answer. */
const PATIENCE = 20_000;
/** Readable by the owner only: messages sign people in. */
const PRIVATE = 0o600;
/** What messages may not make nodemailer read. */
const CLOSED = { disableFileAccess: true, disableUrlAccess: true } as const;

/** Where the key to the page of the messages is, in their folder. */
export const KEY_FILE = "key";

const headers = { "Auto-Submitted": "auto-generated" };

const composer = createTransport({ streamTransport: true, buffer: true, newline: "windows" });

/** A message as it is sent (RFC 5322). */
async function compose(message: MailMessage, from: string): Promise<Buffer> {
  const { message: bytes } = await composer.sendMail({ ...message, ...CLOSED, from, headers });
  if (!Buffer.isBuffer(bytes)) throw new Error("the message was not composed in memory");
  return bytes;
}

/** The key to the page that shows the messages, in a file beside them that the owner alone can read. */
function keyOf(folder: string): string {
  const file = join(folder, KEY_FILE);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (existsSync(file)) return readFileSync(file, "utf8");
  const { token } = freshToken();
  writeFileSync(file, token, { mode: PRIVATE });
  return token;
}

/** Writes messages to a folder, one file each, for a site without a mail server. */
function folderTransport(folder: string, from: string): MailTransport {
  return {
    folder: { path: folder, key: keyOf(folder) },
    async send(message) {
      const bytes = await compose(message, from);
      const name = `${new Date().toISOString().replace(/[-:]|\.\d+/g, "")}-${randomUUID().slice(0, 8)}.eml`;
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await writeFile(join(folder, `${name}.draft`), bytes, { mode: PRIVATE });
        await rename(join(folder, `${name}.draft`), join(folder, name));
      } catch (error) {
        throw new MailError("unreachable", error);
      }
    },
  };
}

/** What a server that answered says of a message, by its code and the command that it answers. */
function refusalOf(error: unknown): Refusal {
  const { responseCode, command }: { responseCode?: unknown; command?: unknown } = Object(error);
  // What is said of the sender or of a password would be said of every message.
  if (typeof responseCode !== "number" || !["RCPT TO", "DATA"].includes(String(command)))
    return "unreachable";
  return responseCode >= 500 ? "refused" : "later";
}

/** Hands messages to a mail server, over a connection for each. */
function serverTransport(url: string, from: string): MailTransport {
  const { protocol, hostname, port, username, password } = new URL(url);
  const secure = protocol === "smtps:";
  const user = decodeURIComponent(username);
  const options = {
    ...{ host: hostname, port: Number(port || (secure ? 465 : 587)), secure },
    // A password goes over encrypted connections only.
    requireTLS: user !== "" && !secure,
    ...{ connectionTimeout: PATIENCE, greetingTimeout: PATIENCE, socketTimeout: PATIENCE },
  };
  return {
    async send(message) {
      const bytes = await compose(message, from);
      const connection = new SMTPConnection(options);
      // The server has asked for the message itself: from then on it may have it.
      let asked = false;
      const body = new Readable({
        read() {
          asked = true;
          this.push(bytes);
          this.push(null);
        },
      });
      try {
        await new Promise<void>((resolve, reject) => {
          const then = (next: () => void) => (error?: Error | null) => (error ? reject(error) : next());
          const send = () => connection.send({ from: senderOf(from), to: [message.to] }, body, then(resolve));
          const credentials = { user, pass: decodeURIComponent(password) };
          const login = () => (user ? connection.login({ credentials }, then(send)) : send());
          connection.once("error", reject);
          connection.connect(then(login));
        });
        connection.quit();
      } catch (error) {
        connection.close();
        const answered = typeof Object(error).responseCode === "number";
        throw new MailError(asked && !answered ? "unknown" : refusalOf(error), error);
      } finally {
        connection.on("error", () => {});
      }
    },
  };
}

/** The address within `gradus <gradus@example.org>`. */
function senderOf(from: string): string {
  return /<([^<>]+)>\s*$/.exec(from)?.[1] ?? from;
}

/**
 * Where an environment wants messages to go: to the server of `GRADUS_SMTP_URL`, or to a folder beside the embedded
 * database.
 *
 * @throws Error when the server's address is none, or the site's own address is not set: links in mail need it
 */
export function openMail(environment: NodeJS.ProcessEnv): MailTransport {
  const { ORIGIN: origin, GRADUS_DATABASE_DIR: database = ".gradus/database" } = environment;
  const url = secretSetting(environment, "GRADUS_SMTP_URL");
  const host = origin ? new URL(origin).hostname : "localhost";
  const from = environment.GRADUS_MAIL_FROM || `gradus <gradus@${host}>`;
  if (!url) return folderTransport(environment.GRADUS_MAIL_DIR || join(dirname(database), "mail"), from);
  if (!/^smtps?:\/\/[^/]/.test(url) || !URL.canParse(url))
    throw new Error("GRADUS_SMTP_URL must be a URL such as smtp://user:password@mail.example.org:587");
  if (!origin)
    throw new Error(
      "ORIGIN must be the public URL of the site when GRADUS_SMTP_URL is set: mail contains links to it",
    );
  return serverTransport(url, from);
}
