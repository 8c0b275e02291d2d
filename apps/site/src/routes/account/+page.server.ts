import { fail, redirect } from "@sveltejs/kit";
import { ago } from "#lib/days.ts";
import { deleteAccount } from "#lib/server/people/account.ts";
import { endAllSessions, endSession, listSessions, sessionCookie } from "#lib/server/people/sessions.ts";
import { site } from "#lib/server/site.ts";
import type { Actions, PageServerLoad, RequestEvent } from "./$types";

/** Who asks, with their session; sends everybody else to sign in. */
function signedIn({ locals: { person, session } }: Pick<RequestEvent, "locals">) {
  if (!person || !session) redirect(303, "/sign-in?to=/account");
  return { person, session };
}

export const load: PageServerLoad = async (event) => {
  const { person, session } = signedIn(event);
  const { database, now } = await site();
  const sessions = await listSessions(database.orm, person.id, session, now());
  return {
    email: person.email,
    sessions: sessions.map(({ agent, current, lastSeen }) => ({
      agent,
      current,
      used: ago(lastSeen, now()),
    })),
  };
};

function leave({ cookies, url }: RequestEvent): never {
  const { name, options } = sessionCookie(url);
  cookies.delete(name, { ...options, maxAge: 0 });
  redirect(303, "/papers");
}

export const actions: Actions = {
  async signOut(event) {
    const { session } = signedIn(event);
    const { database } = await site();
    await endSession(database.orm, session);
    leave(event);
  },
  async signOutEverywhere(event) {
    const { person } = signedIn(event);
    const { database } = await site();
    await endAllSessions(database.orm, person.id);
    leave(event);
  },
  async delete(event) {
    const { person } = signedIn(event);
    const fields = await event.request.formData();
    if (fields.get("sure") !== "yes")
      return fail(400, { message: "Check the box to confirm that you want to delete your account." });
    const { database } = await site();
    await deleteAccount(database.orm, person.id);
    leave(event);
  },
};
