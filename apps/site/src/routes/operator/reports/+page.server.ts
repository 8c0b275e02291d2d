import { fail, redirect } from "@sveltejs/kit";
import { ago } from "#lib/days.ts";
import { operatorOf } from "#lib/server/people/operators.ts";
import { decideReport, moderatedReports, type ReportDecision } from "#lib/server/reports/moderate.ts";
import { site } from "#lib/server/site.ts";
import type { Actions, PageServerLoad, RequestEvent } from "./$types";

export const load: PageServerLoad = async (event) => {
  operatorOf(event);
  const { database, now } = await site();
  const reports = await moderatedReports(database.orm);
  return { reports: reports.map(({ sent, ...report }) => ({ ...report, sent: ago(sent, now()) })) };
};

const decide = (decision: ReportDecision) => async (event: RequestEvent) => {
  const person = operatorOf(event);
  const id = Number((await event.request.formData()).get("report"));
  const { database, now } = await site();
  const changed =
    Number.isSafeInteger(id) && (await decideReport(database.orm, { id, decision, actor: person.id }, now()));
  if (!changed) return fail(400, { message: "Nothing to change: somebody may have decided already." });
  redirect(303, "/operator/reports");
};

export const actions: Actions = {
  publishNote: decide("publish-note"),
  hideNote: decide("hide-note"),
  hide: decide("hide"),
  restore: decide("restore"),
};
