import { fail } from "@sveltejs/kit";
import { ago } from "#lib/days.ts";
import { jobStates } from "#lib/server/jobs/job-states.ts";
import { allowMail, mailOverview, retryMail } from "#lib/server/operator/mail-overview.ts";
import { addressHash } from "#lib/server/people/address.ts";
import { operatorOf } from "#lib/server/people/operators.ts";
import { site } from "#lib/server/site.ts";
import type { Actions, PageServerLoad } from "./$types";

/** The jobs that send mail and make digests. */
const [MAIL, DIGESTS] = ["mail", "digest-tick"];

const KINDS = { "sign-in": "Sign-in link", confirm: "Confirmation", digest: "Digest" } as const;

/** Until an instant, as far as a page needs it. */
function until(instant: Date, now: Date): string {
  const minutes = Math.max(0, Math.ceil((instant.getTime() - now.getTime()) / 60_000));
  return minutes < 60 ? `in ${minutes} min` : `in ${Math.round(minutes / 60)} h`;
}

export const load: PageServerLoad = async (event) => {
  operatorOf(event);
  const { database, mail, addressKey, now: clock } = await site();
  const now = clock();
  const { orm } = database;
  const [overview, [tick]] = await Promise.all([
    mailOverview(orm, { hashOf: (address) => addressHash(address, addressKey), now }),
    jobStates(orm, [DIGESTS]),
  ]);
  const { troubled, suppressed, bounces, ...counts } = overview;
  return {
    ...counts,
    folder: mail.folder !== undefined,
    // The queue's instants are the database's, also where the site's clock is stopped.
    lastTick: tick.succeeded && ago(tick.succeeded, new Date()),
    troubled: troubled.map(({ kind, nextAt, endedAt, ...row }) => ({
      ...row,
      label: KINDS[kind],
      next: nextAt && until(nextAt, now),
      ended: endedAt && ago(endedAt, now),
    })),
    suppressed: suppressed.map(({ at, ...row }) => ({ ...row, since: ago(at, now) })),
    bounces: bounces.map(({ at, ...row }) => ({ ...row, at: ago(at, now) })),
  };
};

export const actions: Actions = {
  async retry(event) {
    operatorOf(event);
    const { database, now, jobs } = await site();
    const id = String((await event.request.formData()).get("message") ?? "");
    if (!/^\d{1,15}$/.test(id) || !(await retryMail(database.orm, Number(id), now())))
      return fail(400, { message: "This message cannot be sent any more." });
    await jobs.request(MAIL);
    return { done: "The message will be sent in a moment." };
  },
  async allow(event) {
    const { id: actor } = operatorOf(event);
    const { database, now } = await site();
    const id = String((await event.request.formData()).get("address") ?? "");
    if (!/^[0-9a-f]{64}$/.test(id) || !(await allowMail(database.orm, id, { actor, now: now() })))
      return fail(400, { message: "This address is not suppressed." });
    return { done: "Mail to this address is allowed again. Its subscriptions stay ended." };
  },
};
