import { error } from "@sveltejs/kit";
import { exportAccount } from "#lib/server/people/account.ts";
import { site } from "#lib/server/site.ts";
import type { RequestHandler } from "./$types";

/** All that is stored of an account, as a file for its owner. */
export const GET: RequestHandler = async ({ locals: { person } }) => {
  if (!person) error(401, "Sign in to export your data.");
  const { database } = await site();
  return new Response(JSON.stringify(await exportAccount(database.orm, person.id), null, 2), {
    headers: {
      "content-type": "application/json",
      "content-disposition": 'attachment; filename="gradus-account.json"',
    },
  });
};
