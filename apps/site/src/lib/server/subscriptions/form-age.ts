import { createHmac, timingSafeEqual } from "node:crypto";

/** Seconds that a person takes at least to fill a form. */
const LEAST_SECONDS = 2;
/** And that a form is good for. */
const MOST_SECONDS = 24 * 3600;

const signed = (key: Buffer, at: string) =>
  createHmac("sha256", key).update(`form|${at}`).digest("base64url");

/** What a form carries to show when it was made. */
export function formStamp(key: Buffer, now: Date): string {
  const at = now.getTime().toString(36);
  return `${at}.${signed(key, at)}`;
}

/** Whether a form was made by this site, longer ago than a program takes to fill it. */
export function isOldEnough(key: Buffer, stamp: string, now: Date): boolean {
  const [at = "", given = ""] = stamp.split(".");
  const wanted = Buffer.from(signed(key, at));
  if (given.length !== wanted.length || !timingSafeEqual(Buffer.from(given), wanted)) return false;
  const seconds = (now.getTime() - Number.parseInt(at, 36)) / 1000;
  return seconds >= LEAST_SECONDS && seconds <= MOST_SECONDS;
}
