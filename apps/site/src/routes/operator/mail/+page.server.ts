import { ago } from "#lib/days.ts";
import { decisions } from "#lib/server/operator/decisions.ts";
import { formAction } from "#lib/server/operator/form-action.ts";
import { siteMail } from "#lib/server/operator/mail-overview.ts";
import { operatorOf } from "#lib/server/people/operators.ts";
import { site } from "#lib/server/site.ts";
import type { Actions, PageServerLoad } from "./$types";

const KINDS = {
  "sign-in": "Sign-in link",
  "address-changed": "Notice of a changed address",
  confirm: "Confirmation",
  digest: "Digest",
} as const;

/** Until an instant, as far as a page needs it. */
function until(instant: Date, now: Date): string {
  const minutes = Math.max(0, Math.ceil((instant.getTime() - now.getTime()) / 60_000));
  return minutes < 60 ? `in ${minutes} min` : `in ${Math.round(minutes / 60)} h`;
}

export const load: PageServerLoad = async (event) => {
  operatorOf(event);
  const own = await site();
  const now = own.now();
  const { troubled, suppressed, bounces, lastTick, ...counts } = await siteMail(own);
  return {
    ...counts,
    // The queue's instants are the database's, also where the site's clock is stopped.
    lastTick: lastTick && ago(lastTick, new Date()),
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
  retry: formAction(decisions.mail.retry, "message"),
  allow: formAction(decisions.mail.allow, "address"),
};
