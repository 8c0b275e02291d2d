import { fail, redirect } from "@sveltejs/kit";
import { rateLimiter } from "#lib/server/http/rate-limit.ts";
import { readsMail } from "#lib/server/mail/reader.ts";
import { parseAddress } from "#lib/server/people/address.ts";
import { returnPath } from "#lib/server/people/return-path.ts";
import { requestSignIn } from "#lib/server/people/sign-in.ts";
import { site } from "#lib/server/site.ts";
import type { Actions, PageServerLoad } from "./$types";

const HOUR = 3_600_000;
/** Links that may be asked for from one address of the network in an hour. */
const requestsPerHour = Number(process.env.GRADUS_SIGN_IN_LIMIT || 20);
const allowanceOf = rateLimiter(requestsPerHour, HOUR);

export const load: PageServerLoad = async ({ url, locals }) => {
  const to = returnPath(url.searchParams.get("to"));
  if (locals.person) redirect(303, to);
  return { to };
};

export const actions: Actions = {
  async default({ request, url, cookies, getClientAddress }) {
    const fields = await request.formData();
    const typed = String(fields.get("email") ?? "").slice(0, 300);
    const allowance = allowanceOf(getClientAddress(), new Date());
    if (!allowance.allowed) {
      const minutes = Math.ceil(allowance.seconds / 60);
      return fail(429, {
        typed,
        message: `Too many requests from your network. Try again in ${minutes} min.`,
      });
    }
    const email = parseAddress(typed);
    if (!email)
      return fail(400, { typed, message: "Enter a complete email address, such as ada@example.org." });
    const { database, jobs, mail, now } = await site();
    const returnTo = returnPath(fields.get("to"));
    await requestSignIn(database.orm, { email, returnTo, origin: url.origin, now: now() });
    // Not waited for: the answer takes as long whether a message is sent or not.
    void jobs.request("mail").catch(() => undefined);
    return { sent: email, folder: mail.folder !== undefined, showsMail: readsMail(mail, cookies) };
  },
};
