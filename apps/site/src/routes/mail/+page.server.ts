import { error } from "@sveltejs/kit";
import { isSameMachine } from "#lib/server/http/same-machine.ts";
import { readMailFolder } from "#lib/server/mail/folder.ts";
import { site } from "#lib/server/site.ts";
import type { PageServerLoad } from "./$types";

/** The messages of a site that has no mail server yet, for whoever tries it on their own machine. */
export const load: PageServerLoad = async ({ platform, url }) => {
  const { mail } = await site();
  if (!mail.folder || !isSameMachine(platform?.req, url)) error(404, "Not Found");
  return { folder: mail.folder, messages: await readMailFolder(mail.folder) };
};
