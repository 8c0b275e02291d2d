import { createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";

/** Settings by their names, such as `process.env`. */
export type Settings = Readonly<Record<string, string | undefined>>;

/**
 * A secret setting, such as a database URL with its password: from the setting `name`, or from the file that
 * `<name>_FILE` names, as container systems hand secrets out.
 *
 * @throws Error when both are set, or the file cannot be read or is empty; no message shows the secret
 */
export function secretSetting(settings: Settings, name: string): string | undefined {
  const value = settings[name] || undefined;
  const file = settings[`${name}_FILE`] || undefined;
  if (!file) return value;
  if (value) throw new Error(`${name} and ${name}_FILE are both set; set only one`);
  let text: string;
  try {
    text = readFileSync(file, "utf8").trim();
  } catch {
    throw new Error(`the file named by ${name}_FILE cannot be read`);
  }
  if (!text) throw new Error(`the file named by ${name}_FILE is empty`);
  return text;
}

/** A mail server that takes messages. */
export interface MailServerSettings {
  readonly host: string;
  readonly port: number;
  /** Whether a connection is encrypted from its beginning. */
  readonly secure: boolean;
  /** Whether it must be encrypted before anything else: a password goes over encrypted connections only. */
  readonly requireTLS: boolean;
  /** Set for a server on the same machine, whose certificate is seldom signed by others: what it is told stays here. */
  readonly tls?: { readonly rejectUnauthorized: false };
  /** Undefined where the server wants no password. */
  readonly credentials?: { readonly user: string; readonly pass: string };
}

const isLoopback = (host: string) => host === "localhost" || host === "::1" || /^127(?:\.\d+){3}$/.test(host);

/**
 * Refuses what follows the server in a URL: none of it would count. Where an "@" follows, a "?" or "#" of the password
 * ended the server early, and nothing of it is shown.
 */
function checkNothingFollows({ search, hash, searchParams }: URL): void {
  const wanted = "GRADUS_SMTP_URL must have no parameters and no fragment";
  if (`${search}${hash}`.includes("@"))
    throw new Error(`${wanted}; a "?" in the password is written %3F, a "#" is written %23`);
  const [parameter] = searchParams.keys();
  if (parameter !== undefined) throw new Error(`${wanted}, got the parameter "${parameter}"`);
  if (hash) throw new Error(`${wanted}, got the fragment "${hash}"`);
}

/**
 * The server of `GRADUS_SMTP_URL`; undefined where none is set.
 *
 * @throws Error when that is no such URL, or has parameters; the message does not show the password
 */
export function mailServer(settings: Settings): MailServerSettings | undefined {
  const url = secretSetting(settings, "GRADUS_SMTP_URL");
  if (!url) return undefined;
  if (!/^smtps?:\/\/[^/]/.test(url) || !URL.canParse(url))
    throw new Error("GRADUS_SMTP_URL must be a URL such as smtp://user:password@mail.example.org:587");
  const parsed = new URL(url);
  checkNothingFollows(parsed);
  const { protocol, hostname, port, username, password } = parsed;
  const secure = protocol === "smtps:";
  const user = decodeURIComponent(username);
  const host = hostname.replace(/^\[|\]$/g, "");
  return {
    ...{ host, port: Number(port || (secure ? 465 : 587)), secure },
    requireTLS: user !== "" && !secure,
    ...(isLoopback(host) && { tls: { rejectUnauthorized: false } }),
    credentials: user === "" ? undefined : { user, pass: decodeURIComponent(password) },
  };
}

/** By whom messages are sent. */
export interface MailSender {
  /** `gradus <gradus@example.org>`. */
  readonly from: string;
  readonly address: string;
  readonly domain: string;
}

const LABEL = "[\\p{L}\\p{N}](?:[\\p{L}\\p{N}-]*[\\p{L}\\p{N}])?";
const ADDRESS = `[^\\s\\p{Cc}@<>()[\\]",:;\\\\]+@(?<domain>${LABEL}(?:\\.${LABEL})*)`;
/** An address, or one in angle brackets after a name; a name with a colon or semicolon must be quoted (RFC 5322, 3.4). */
const BARE_SENDER = new RegExp(`^(?<address>${ADDRESS})$`, "u");
const NAMED_SENDER = new RegExp(`^(?:[^"<>:;\\p{Cc}]*|"[^"\\p{Cc}]*" *)<(?<address>${ADDRESS})>$`, "u");

/**
 * The sender of `GRADUS_MAIL_FROM`; the name "gradus" at the site's host where none is set.
 *
 * @throws Error when the setting is no address with or without a name
 */
export function mailSender({ ORIGIN: origin, GRADUS_MAIL_FROM: setting }: Settings): MailSender {
  const given = setting?.trim();
  if (!given) {
    const domain = origin && URL.canParse(origin) ? new URL(origin).hostname : "localhost";
    const address = `gradus@${domain}`;
    return { from: `gradus <${address}>`, address, domain };
  }
  const { address, domain } = (BARE_SENDER.exec(given) ?? NAMED_SENDER.exec(given))?.groups ?? {};
  if (!address)
    throw new Error(
      `GRADUS_MAIL_FROM must be an address such as gradus <gradus@papers.example.org>, got ${JSON.stringify(given)}`,
    );
  return { from: given, address, domain };
}

/** How messages are signed (RFC 6376). */
export interface MailSigning {
  readonly domainName: string;
  readonly keySelector: string;
  readonly privateKey: string;
}

/** The selector under which the public key is published, where none is set. */
const USUAL_SELECTOR = "gradus";

/**
 * The key of `GRADUS_DKIM_KEY`, with which the messages of a domain are signed; undefined where none is set.
 *
 * @throws Error when it is no private key, or the selector is no name
 */
export function mailSigning(settings: Settings, domainName: string): MailSigning | undefined {
  const privateKey = secretSetting(settings, "GRADUS_DKIM_KEY");
  if (!privateKey) return undefined;
  const keySelector = settings.GRADUS_DKIM_SELECTOR || USUAL_SELECTOR;
  if (!/^[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?$/i.test(keySelector))
    throw new Error(`GRADUS_DKIM_SELECTOR must be a name such as ${USUAL_SELECTOR}, got "${keySelector}"`);
  try {
    createPrivateKey(privateKey);
  } catch {
    throw new Error("GRADUS_DKIM_KEY must be a private key in PEM format");
  }
  return { domainName, keySelector, privateKey };
}

/** Characters that an address for incoming mail may have before the "@": what identifies a message needs 51 of 64. */
export const LONGEST_INCOMING_NAME = 13;

const INCOMING = new RegExp(
  `^[a-z0-9][a-z0-9._-]{0,${LONGEST_INCOMING_NAME - 1}}@(?:[a-z0-9-]+\\.)*[a-z0-9-]+$`,
);

/**
 * The address of `GRADUS_MAIL_INCOMING`, at which mail to the site arrives; undefined where none is set.
 *
 * @throws Error when it is none, or its name is too long
 */
export function incomingAddress(settings: Settings): string | undefined {
  const given = settings.GRADUS_MAIL_INCOMING?.trim().toLowerCase();
  if (!given) return undefined;
  if (!INCOMING.test(given))
    throw new Error(
      `GRADUS_MAIL_INCOMING must be an address such as bounce@papers.example.org with at most ${LONGEST_INCOMING_NAME} characters before the "@", got "${given}"`,
    );
  return given;
}

/** Characters of a secret that nobody guesses. */
const SHORTEST_SECRET = 24;

/**
 * The secret of `GRADUS_BOUNCE_SECRET`, which a mail server signs messages with that it posts; undefined where none is
 * set.
 *
 * @throws Error when it is short; the message does not show it
 */
export function bounceSecret(settings: Settings): string | undefined {
  const secret = secretSetting(settings, "GRADUS_BOUNCE_SECRET");
  if (secret !== undefined && secret.length < SHORTEST_SECRET)
    throw new Error(
      `GRADUS_BOUNCE_SECRET must have at least ${SHORTEST_SECRET} characters, as "openssl rand -base64 32" prints them`,
    );
  return secret;
}
