import { fail, redirect } from "@sveltejs/kit";
import { parseArxivId } from "#lib/arxiv-id.ts";
import { authorsLine } from "#lib/authors.ts";
import { dateLabel, dayHeading, dayOf, parseDay } from "#lib/days.ts";
import { decisionsOn } from "#lib/operator/decision-keys.ts";
import { arrivalDays, arrivalPage } from "#lib/server/curation/arrivals.ts";
import { type DecisionOutcome, decidePaper, type PaperDecision } from "#lib/server/curation/decide.ts";
import { operatorOf } from "#lib/server/people/operators.ts";
import { site } from "#lib/server/site.ts";
import { refusalMessages } from "#lib/server/submissions/rules.ts";
import type { Actions, PageServerLoad, RequestEvent } from "./$types";

/** The page that an address names; the first for anything else. */
const pageOf = (text: string | null) => (text !== null && /^\d{1,4}$/.test(text) ? Number(text) : 0);

export const load: PageServerLoad = async (event) => {
  operatorOf(event);
  const { searchParams } = event.url;
  const { database, now } = await site();
  const { orm } = database;
  const days = await arrivalDays(orm);
  const asked = searchParams.get("day");
  const day = asked !== null && parseDay(asked) ? asked : (days[0]?.day ?? dayOf(now()));
  const page = pageOf(searchParams.get("p"));
  const { total, featured, pages, papers } = await arrivalPage(orm, day, page);
  const waiting = papers.filter(({ state, refusal }) => state === "waiting" && refusal === undefined);
  /** Where a moderator goes on after a decision. */
  const after = (arxivId: string) => {
    const place = papers.findIndex((paper) => paper.arxivId === arxivId);
    return papers.slice(place + 1).find((paper) => waiting.includes(paper))?.arxivId ?? arxivId;
  };
  return {
    days: days.map(({ day: one, came, featured: chosen }) => ({
      ...{ day: one, came, featured: chosen },
      label: dateLabel(new Date(`${one}T00:00:00Z`), now()),
    })),
    ...{ day, page, pages, total, featured, heading: dayHeading(day) },
    papers: papers.map(({ authors, publishedAt, refusal, featuredAt, ...paper }) => ({
      ...paper,
      authors: authorsLine(authors),
      published: dateLabel(publishedAt, now()),
      featured: featuredAt ? dateLabel(featuredAt, now()) : undefined,
      refusal: refusal && refusalMessages[refusal],
      decisions: decisionsOn({ state: paper.state, refusal }),
      next: after(paper.arxivId),
    })),
  };
};

/** What a moderator is told of a decision that could not be carried out. */
function message(outcome: Exclude<DecisionOutcome, "done">): string {
  if (outcome === "unchanged") return "Nothing to change: somebody may have decided already.";
  return outcome === "absent" ? "There is no such paper." : refusalMessages[outcome];
}

const decide = (decision: PaperDecision) => async (event: RequestEvent) => {
  const person = operatorOf(event);
  const fields = await event.request.formData();
  const arxivId = parseArxivId(String(fields.get("paper") ?? ""))?.id;
  const { database, now } = await site();
  const outcome = arxivId
    ? await decidePaper(database.orm, { arxivId, decision, actor: person.id, now: now() })
    : "absent";
  if (outcome !== "done") return fail(400, { message: message(outcome) });
  const { searchParams } = event.url;
  const day = searchParams.get("day") ?? "";
  const next = parseArxivId(String(fields.get("next") ?? ""))?.id ?? arxivId;
  const query = new URLSearchParams({
    ...(parseDay(day) ? { day } : {}),
    p: String(pageOf(searchParams.get("p"))),
  });
  redirect(303, `/operator/papers?${query}#paper-${next}`);
};

export const actions: Actions = {
  feature: decide("feature"),
  unfeature: decide("unfeature"),
  hide: decide("hide"),
  restore: decide("restore"),
};
