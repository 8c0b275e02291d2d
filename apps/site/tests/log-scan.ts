// What no line of the server's log may hold. Every test that starts a server scans its whole log when it stops it.

/** Mail addresses; network addresses but for this machine's own, which stand in failures to reach the database. */
const ADDRESSES = [
  /[\w.+-]+@[\w-]+\.\w+/,
  /\b(?!127\.0\.0\.1\b)(?:\d{1,3}\.){3}\d{1,3}\b/,
  /\b[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){2,}:/i,
];
/** Names of fields that carry sessions and tokens, and passwords within addresses of databases. */
const CREDENTIALS = [/\bcookie\b/i, /\bauthorization\b/i, /\bbearer\b/i, /__Host-/, /:\/\/[^/\s]*:[^/\s]*@/];
/** Long enough to be a token, a session or a key, of the alphabets that they are written in. */
const LONG = /[\w+-]{24,}/g;
/** A name of ours, such as `gradient-normalized-smoothness`: chance hardly ever draws letters alone. */
const NAME = /^[a-z]+(?:-[a-z]+)*$/i;
/** Each request has a random id, which is nobody's. */
const REQUEST_ID = /"id":"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"/;

/** The lines of a log that hold an address, a cookie, a token or one of these secrets. */
export function unfitForLog(log: string, secrets: readonly string[] = []): string[] {
  return log
    .split("\n")
    .filter(
      (line) =>
        [...ADDRESSES, ...CREDENTIALS].some((pattern) => pattern.test(line)) ||
        secrets.some((secret) => line.includes(secret)) ||
        (line.replace(REQUEST_ID, "").match(LONG) ?? []).some((word) => !NAME.test(word)),
    );
}
