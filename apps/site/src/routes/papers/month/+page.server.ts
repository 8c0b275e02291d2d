import { redirect } from "@sveltejs/kit";
import { periodPath } from "#lib/periods.ts";
import { latestPeriod } from "#lib/server/pages/period-list.ts";

export async function load() {
  redirect(302, periodPath(await latestPeriod("month")));
}
