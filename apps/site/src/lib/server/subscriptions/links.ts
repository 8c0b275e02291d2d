import { createHmac, timingSafeEqual } from "node:crypto";
import { keyFor } from "../secrets.ts";

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;
/** Characters of the code in a return path, of which the part before the "@" has at most 64 (RFC 5321). */
const RETURN_CODE = 16;
const MOST_KEYS = 1000;

/** The tokens of subscriptions: they hold no address, never expire, and need no table. */
export interface SubscriptionLinks {
  /** `v1.<subscription>.<code>`: the code is made with the key that the beginning names. */
  preferences(id: string): string;
  /** The subscription of such a token, made with the current or an earlier key; undefined for any other text. */
  readPreferences(token: string): string | undefined;
  /** The part before the "@" of the address to which a server returns a message. */
  returnPath(id: string): string;
  readReturnPath(localPart: string): string | undefined;
}

const equal = (a: string, b: string) =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

/**
 * The tokens of an installation. `GRADUS_MAIL_KEY` is the number of the key that new ones are made with, 1 by default;
 * those of lower numbers stay valid.
 *
 * @throws Error when the number is none
 */
export function subscriptionLinks(environment: NodeJS.ProcessEnv): SubscriptionLinks {
  const current = Number(environment.GRADUS_MAIL_KEY || 1);
  if (!Number.isInteger(current) || current < 1 || current > MOST_KEYS)
    throw new Error(
      `GRADUS_MAIL_KEY must be an integer from 1 to ${MOST_KEYS}, got "${environment.GRADUS_MAIL_KEY}"`,
    );
  const keys = Array.from({ length: current }, (_, i) => keyFor(environment, `subscriptions ${i + 1}`));
  const code = (purpose: string, id: string, number: number) =>
    createHmac("sha256", keys[number - 1])
      .update(`${purpose}|${id}`)
      .digest();
  const preferencesCode = (id: string, number: number) => code("unsub", id, number).toString("base64url");
  const returnCode = (id: string, number: number) =>
    code("return", id, number).toString("hex").slice(0, RETURN_CODE);
  return {
    preferences: (id) => `v${current}.${id}.${preferencesCode(id, current)}`,
    readPreferences(token) {
      const [, number, id = "", given = ""] =
        /^v([1-9]\d{0,3})\.([0-9a-f-]{36})\.([\w-]{43})$/.exec(token) ?? [];
      const known = UUID.test(id) && Number(number) <= current;
      return known && equal(given, preferencesCode(id, Number(number))) ? id : undefined;
    },
    returnPath: (id) => `bounce+${id.replaceAll("-", "")}.${returnCode(id, current)}`,
    readReturnPath(localPart) {
      const match =
        /^bounce\+([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})\.([0-9a-f]{16})$/i;
      const [, ...parts] = match.exec(localPart.toLowerCase()) ?? [];
      const given = parts.pop();
      if (given === undefined) return undefined;
      const id = parts.join("-");
      return keys.some((_, i) => equal(given, returnCode(id, i + 1))) ? id : undefined;
    },
  };
}
