import { fail, redirect } from "@sveltejs/kit";
import { readForm } from "#lib/server/http/read-form.ts";
import { agentClass, probeCookie, sessionCookie } from "#lib/server/people/sessions.ts";
import { linkPurpose, redeemLink } from "#lib/server/people/sign-in.ts";
import { site } from "#lib/server/site.ts";
import type { Actions, PageServerLoad } from "./$types";

export const load: PageServerLoad = async ({ params, cookies, url }) => {
  const { database, now } = await site();
  const probe = probeCookie(url);
  cookies.set(probe.name, "kept", probe.options);
  return { purpose: await linkPurpose(database.orm, params.token, now()) };
};

export const actions: Actions = {
  async default({ params, request, cookies, url }) {
    const probe = probeCookie(url);
    const { probed } = Object.fromEntries(await readForm(request));
    // The link stays as it is for when the browser keeps cookies.
    if (probed && !cookies.get(probe.name)) return fail(400, { refused: url.host });
    const { database, jobs, addressKey, now } = await site();
    const { name, options } = sessionCookie(url);
    const redeemed = await redeemLink(database.orm, {
      token: params.token,
      agent: agentClass(request.headers.get("user-agent")),
      session: cookies.get(name),
      origin: url.origin,
      key: addressKey,
      now: now(),
    });
    if (redeemed === "taken") return fail(409, { taken: true });
    if (!redeemed) return fail(400, { invalid: true });
    // The old address is notified.
    if (redeemed.changed) void jobs.request("mail").catch(() => undefined);
    cookies.set(name, redeemed.session, options);
    redirect(303, redeemed.returnTo);
  },
};
