import { createHmac } from "node:crypto";
import { mailKeys, sameCode } from "../mail/keys.ts";

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/** The tokens of subscriptions: they hold no address, never expire, and need no table. */
export interface SubscriptionLinks {
  /** `v1.<subscription>.<code>`: the code is made with the key that the beginning names. */
  preferences(id: string): string;
  /** The subscription of such a token, made with the current or an earlier key; undefined for any other text. */
  readPreferences(token: string): string | undefined;
}

/**
 * The tokens of an installation, made with the keys of its mail.
 *
 * @throws Error when the number of the key is none
 */
export function subscriptionLinks(environment: NodeJS.ProcessEnv): SubscriptionLinks {
  const keys = mailKeys(environment);
  const current = keys.length;
  const code = (id: string, number: number) =>
    createHmac("sha256", keys[number - 1])
      .update(`unsub|${id}`)
      .digest("base64url");
  return {
    preferences: (id) => `v${current}.${id}.${code(id, current)}`,
    readPreferences(token) {
      const [, number, id = "", given = ""] =
        /^v([1-9]\d{0,3})\.([0-9a-f-]{36})\.([\w-]{43})$/.exec(token) ?? [];
      const known = UUID.test(id) && Number(number) <= current;
      return known && sameCode(given, code(id, Number(number))) ? id : undefined;
    },
  };
}
