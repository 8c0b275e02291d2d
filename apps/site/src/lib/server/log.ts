import { createHmac } from "node:crypto";

/** What a line of the log may hold: figures, and words of our own. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** A line of the log: one JSON object with the time. */
export function logLine(fields: LogFields, at: Date = new Date()): string {
  return JSON.stringify({ time: at.toISOString(), ...fields });
}

/** Writes a line to the log. */
export function log(fields: LogFields): void {
  process.stdout.write(`${logLine(fields)}\n`);
}

/** Hexadecimal digits by which the log tells accounts apart. */
const ACCOUNT_DIGITS = 12;

/** What the log says of an account: a keyed hash of its id. */
export function accountInLog(userId: string, key: Buffer): string {
  return createHmac("sha256", key).update(userId).digest("hex").slice(0, ACCOUNT_DIGITS);
}

const ADDRESS = /\S*@\S*/g;
/** Long enough to be a key, a token, a session or a hash. */
const TOKEN = /[A-Za-z0-9_+=-]{24,}/g;
const LONGEST_MESSAGE = 300;

/** Text without mail addresses and without anything that could be a token. */
export function redacted(text: string): string {
  return text.replace(ADDRESS, "(address)").replace(TOKEN, "(token)").slice(0, LONGEST_MESSAGE);
}

/** The failure that a chain of causes ends in. */
export function rootCause(error: Error): Error {
  let root = error;
  for (let depth = 0; root.cause instanceof Error && depth < 10; depth++) root = root.cause;
  return root;
}

/**
 * The message to an operator when the server cannot start: for a failed statement what the database says, not the
 * statement and all its values.
 */
export function failureMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message.startsWith("Failed query:")
    ? `a statement failed: ${rootCause(error).message}`
    : error.message;
}

function textField(error: Error, name: string): string | undefined {
  const value = Object.entries(error).find(([key]) => key === name)?.[1];
  return typeof value === "string" ? value : undefined;
}

/**
 * What the log says of a failure: its kind, its code and where it happened. What the database says may quote values
 * of people, so that of its failures only the code is kept.
 */
export function errorFields(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: typeof error };
  const root = rootCause(error);
  const code = textField(root, "code");
  const fromDatabase = error !== root || (code !== undefined && /^[0-9A-Z]{5}$/.test(code));
  return {
    error: root.name,
    code,
    constraint: textField(root, "constraint_name") ?? textField(root, "constraint"),
    message: fromDatabase ? undefined : redacted(root.message),
    at: root.stack
      ?.split("\n")
      .filter((line) => /^\s+at /.test(line))
      .slice(0, 6)
      .map((line) => line.trim().replace(/\(?(?:file:\/\/)?\/\S*?\/(?=[^/\s]+\/[^/\s]+$)/, "("))
      .join(" "),
  };
}
