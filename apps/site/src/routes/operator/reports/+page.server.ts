import { papers as registry } from "@gradus/papers";
import { ago } from "#lib/days.ts";
import { profileAndSeed } from "#lib/lab/format-run.ts";
import { decisions } from "#lib/server/operator/decisions.ts";
import { formAction } from "#lib/server/operator/form-action.ts";
import { operatorOf } from "#lib/server/people/operators.ts";
import { moderatedReports } from "#lib/server/reports/moderate.ts";
import { site } from "#lib/server/site.ts";
import type { Actions, PageServerLoad } from "./$types";

export const load: PageServerLoad = async (event) => {
  operatorOf(event);
  const { database, now } = await site();
  const reports = await moderatedReports(database.orm);
  return {
    reports: reports.map(({ experiment, profile, seed, sent, ...report }) => {
      const paper = registry.find(({ arxivId }) => arxivId === report.arxivId);
      const entry = paper?.experiments.find(({ id }) => id === experiment);
      return {
        ...report,
        experiment: entry?.title ?? experiment,
        settings: profileAndSeed(profile, seed, entry?.seedless ?? false),
        sent: ago(sent, now()),
      };
    }),
  };
};

const back = () => "/operator/reports";

export const actions: Actions = {
  publishNote: formAction(decisions.reports["publish-note"], "report", back),
  hideNote: formAction(decisions.reports["hide-note"], "report", back),
  hide: formAction(decisions.reports.hide, "report", back),
  restore: formAction(decisions.reports.restore, "report", back),
};
