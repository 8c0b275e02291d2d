import { parseArxivId } from "#lib/arxiv-id.ts";
import { authorsLine } from "#lib/authors.ts";
import { dateLabel, dayHeading, parseDay } from "#lib/days.ts";
import { decisionKeys, decisionsOn, outcomeWords } from "#lib/operator/decision-keys.ts";
import { arrivals } from "#lib/server/curation/arrivals.ts";
import { decisions } from "#lib/server/operator/decisions.ts";
import { type After, formAction } from "#lib/server/operator/form-action.ts";
import { operatorOf } from "#lib/server/people/operators.ts";
import { site } from "#lib/server/site.ts";
import { refusalMessages } from "#lib/server/submissions/rules.ts";
import type { Actions, PageServerLoad } from "./$types";

/** The page that an address names; the first for anything else. */
const pageOf = (text: string | null) => (text !== null && /^\d{1,4}$/.test(text) ? Number(text) : 0);

export const load: PageServerLoad = async (event) => {
  operatorOf(event);
  const { searchParams } = event.url;
  const { database, now } = await site();
  const asked = parseDay(searchParams.get("day") ?? "");
  const page = pageOf(searchParams.get("p"));
  const { days, day, total, featured, pages, papers } = await arrivals(database.orm, {
    ...{ day: asked, page, now: now() },
  });
  const waiting = papers.filter(({ state, refusal }) => state === "waiting" && refusal === undefined);
  /** Where a moderator goes on after a decision. */
  const nextAfter = (arxivId: string) => {
    const place = papers.findIndex((paper) => paper.arxivId === arxivId);
    return papers.slice(place + 1).find((paper) => waiting.includes(paper))?.arxivId ?? arxivId;
  };
  const decided = papers.find(({ arxivId }) => arxivId === searchParams.get("paper"));
  const did = decisionKeys.find(({ decision }) => decision === searchParams.get("did"));
  const next = decided && papers.find(({ arxivId }) => arxivId === nextAfter(decided.arxivId));
  return {
    outcome:
      decided && did && outcomeWords(did.decision, decided, next === decided ? undefined : next?.title),
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
      next: nextAfter(paper.arxivId),
    })),
  };
};

/** The same page, at the paper with which a moderator goes on; it says what was decided of which. */
const after: After = ({ url: { searchParams } }, fields) => {
  const day = searchParams.get("day") ?? "";
  const [next] = ["next", "paper"].flatMap((name) => parseArxivId(String(fields.get(name) ?? ""))?.id ?? []);
  const did = decisionKeys.find(({ decision }) => searchParams.has(`/${decision}`));
  const paper = parseArxivId(String(fields.get("paper") ?? ""))?.id;
  const query = new URLSearchParams({
    ...(parseDay(day) ? { day } : {}),
    p: String(pageOf(searchParams.get("p"))),
    ...(did && paper ? { did: did.decision, paper } : {}),
  });
  return `/operator/papers?${query}#paper-${next}`;
};

export const actions: Actions = {
  feature: formAction(decisions.papers.feature, "paper", after),
  unfeature: formAction(decisions.papers.unfeature, "paper", after),
  hide: formAction(decisions.papers.hide, "paper", after),
  restore: formAction(decisions.papers.restore, "paper", after),
};
