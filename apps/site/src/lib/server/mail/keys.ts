import { timingSafeEqual } from "node:crypto";
import { keyFor } from "../secrets.ts";

const MOST_KEYS = 1000;

/**
 * The keys of the tokens in mail, oldest first. `GRADUS_MAIL_KEY` is the number of the key that new ones are made with,
 * 1 by default; those of lower numbers stay valid.
 *
 * @throws Error when the number is none
 */
export function mailKeys(environment: NodeJS.ProcessEnv): readonly Buffer[] {
  const current = Number(environment.GRADUS_MAIL_KEY || 1);
  if (!Number.isInteger(current) || current < 1 || current > MOST_KEYS)
    throw new Error(
      `GRADUS_MAIL_KEY must be an integer from 1 to ${MOST_KEYS}, got "${environment.GRADUS_MAIL_KEY}"`,
    );
  return Array.from({ length: current }, (_, i) => keyFor(environment, `subscriptions ${i + 1}`));
}

/** Whether two codes are the same, in a time that tells nothing of them. */
export function sameCode(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
