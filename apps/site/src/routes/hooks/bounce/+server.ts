import { answerPostedMail } from "#lib/server/mail/incoming/posted.ts";
import { site } from "#lib/server/site.ts";
import type { RequestHandler } from "./$types";

export const POST: RequestHandler = async ({ request }) => {
  const { database, incoming } = await site();
  return answerPostedMail(database.orm, request, incoming);
};
