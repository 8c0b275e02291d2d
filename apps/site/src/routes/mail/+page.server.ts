import { error, redirect } from "@sveltejs/kit";
import { readMailFolder } from "#lib/server/mail/folder.ts";
import { keepMailKey, readsMail } from "#lib/server/mail/reader.ts";
import { site } from "#lib/server/site.ts";
import type { PageServerLoad } from "./$types";

/** The messages of a site without a mail server, for those who have their key. */
export const load: PageServerLoad = async ({ cookies, url }) => {
  const { mail } = await site();
  const key = url.searchParams.get("key");
  // The key does not stay in the address.
  if (key !== null && keepMailKey(mail, key, url, cookies)) redirect(303, "/mail");
  if (!mail.folder || !readsMail(mail, cookies)) error(404, "Not Found");
  const { path } = mail.folder;
  return { folder: path, messages: await readMailFolder(path) };
};
