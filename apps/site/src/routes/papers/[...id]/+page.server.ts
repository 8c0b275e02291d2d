import { error, fail, redirect } from "@sveltejs/kit";
import { parseArxivId } from "#lib/arxiv-id.ts";
import { readForm } from "#lib/server/http/read-form.ts";
import { pageData } from "#lib/server/pages/page-data.ts";
import { paperView } from "#lib/server/pages/paper-view.ts";
import { tooManyRequests } from "#lib/server/pages/too-many-requests.ts";
import { arxivIdOfName, paperByArxivId } from "#lib/server/papers/papers.ts";
import { changeMark } from "#lib/server/people/reading-marks.ts";
import { returnPath } from "#lib/server/people/return-path.ts";
import { requestVote } from "#lib/server/people/vote-requests.ts";
import { NO_OWN_REPORT, withdrawReport } from "#lib/server/reports/own-reports.ts";
import { reportCounts } from "#lib/server/reports/published.ts";
import { site } from "#lib/server/site.ts";
import { voteLimitMessage } from "#lib/vote-limit.ts";
import type { Actions, PageServerLoad } from "./$types";

export const load: PageServerLoad = async (event) => {
  const { params } = event;
  const reference = parseArxivId(params.id);
  const { database, now } = await site();
  if (!reference) {
    // the name by which `gradus run` knows it
    const named = await arxivIdOfName(database.orm, params.id);
    if (named) redirect(301, `/papers/${named}`);
    error(404, "This is not an arXiv identifier. Example: 2412.08424.");
  }
  const { id, version } = reference;
  const canonical = version === undefined ? id : `${id}v${version}`;
  if (canonical !== params.id) redirect(301, `/papers/${canonical}`);
  const paper = await paperByArxivId(database.orm, id);
  if (!paper) error(404, { message: `arXiv ${id} is not on this site.`, absentPaper: id });
  if (paper.hidden)
    error(404, { message: `arXiv ${id} was removed from this site by a moderator.`, removedPaper: id });
  return pageData(event, { paper: await paperView(database.orm, paper, now(), version) });
};

export const actions: Actions = {
  async vote({ request, params, locals: { person }, setHeaders }) {
    const fields = await readForm(request);
    const wanted = fields.get("vote");
    if (wanted !== "cast" && wanted !== "withdraw")
      return fail(400, { message: "A vote is cast or withdrawn by its button.", signIn: false });
    if (!person) return fail(401, { message: "You are not signed in.", signIn: true });
    const { database, now } = await site();
    const outcome = await requestVote(database.orm, {
      arxivId: parseArxivId(params.id)?.id ?? "",
      userId: person.id,
      cast: wanted === "cast",
      now: now(),
    });
    if (!outcome) error(404, "This paper is not on this site.");
    if ("limitedFor" in outcome) {
      const limited = { message: voteLimitMessage(outcome.limitedFor), signIn: false };
      return tooManyRequests({ setHeaders }, outcome.limitedFor, limited);
    }
    redirect(303, returnPath(fields.get("to") ?? `/papers/${params.id}`));
  },
  async mark({ request, params, locals: { person } }) {
    const fields = await readForm(request);
    const [mark, set] = [fields.get("mark"), fields.get("set")];
    if ((mark !== "saved" && mark !== "read") || (set !== "yes" && set !== "no"))
      return fail(400, { message: "A paper is saved or marked as read by its buttons.", signIn: false });
    if (!person) return fail(401, { message: "You are not signed in.", signIn: false });
    const { database, now } = await site();
    const change = { userId: person.id, arxivId: parseArxivId(params.id)?.id ?? "", set: set === "yes" };
    if (!(await changeMark(database.orm, { ...change, mark, now: now() })))
      error(404, "This paper is not on this site.");
    redirect(303, returnPath(fields.get("to") ?? `/papers/${params.id}`));
  },
  async withdrawReport({ request, params, locals: { person } }) {
    const given = String((await readForm(request)).get("report") ?? "");
    if (!person) return fail(401, { message: "You are not signed in.", signIn: true });
    const { database } = await site();
    if (!(await withdrawReport(database.orm, { given, userId: person.id }))) error(404, NO_OWN_REPORT);
    // After the last one the page has no reports, and what sends another is the lab.
    const paper = await paperByArxivId(database.orm, parseArxivId(params.id)?.id ?? "");
    const left = paper && (await reportCounts(database.orm, [paper.id])).get(paper.id);
    redirect(303, `/papers/${params.id}#${left ? "reports" : "lab"}`);
  },
};
