import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** A token that nobody can guess, and the hash by which it is stored. */
export interface FreshToken {
  readonly token: string;
  readonly hash: Uint8Array;
}

/** What is stored of a token: readers of the database cannot use it. */
export function tokenHash(token: string): Uint8Array {
  return new Uint8Array(createHash("sha256").update(token).digest());
}

/** Whether a token that somebody gave is the wanted one, in a time that tells nothing of it. */
export function isToken(given: string | undefined, wanted: string): boolean {
  return given !== undefined && timingSafeEqual(tokenHash(given), tokenHash(wanted));
}

/** Makes a token of 32 random bytes. */
export function freshToken(): FreshToken {
  const token = randomBytes(32).toString("base64url");
  return { token, hash: tokenHash(token) };
}
