import type { Cookies } from "@sveltejs/kit";
import { isToken } from "../tokens.ts";
import type { MailTransport } from "./transport.ts";

const COOKIE = "gradus-mail";

/** Whether a browser has the key to the messages in the folder. */
export function readsMail({ folder }: MailTransport, cookies: Cookies): boolean {
  return folder !== undefined && isToken(cookies.get(COOKIE), folder.key);
}

/** Leaves the key with a browser that was sent to the page with it; false where it is another. */
export function keepMailKey({ folder }: MailTransport, given: string, url: URL, cookies: Cookies): boolean {
  if (!folder || !isToken(given, folder.key)) return false;
  const secure = url.protocol === "https:";
  cookies.set(COOKIE, given, { path: "/", httpOnly: true, sameSite: "lax", secure });
  return true;
}
