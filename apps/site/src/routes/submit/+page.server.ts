import { fail, redirect } from "@sveltejs/kit";
import { authorsLine } from "#lib/authors.ts";
import { dateLabel, minuteLabel } from "#lib/days.ts";
import type { Allowance } from "#lib/server/http/rate-limit.ts";
import { readForm } from "#lib/server/http/read-form.ts";
import { tooManyRequests } from "#lib/server/pages/too-many-requests.ts";
import { readableLine } from "#lib/server/papers/abstract/readable-line.ts";
import { site } from "#lib/server/site.ts";
import { lookAllowance, lookLimitMessage, readAdditions } from "#lib/server/submissions/request.ts";
import {
  LONGEST_NOTE,
  type Refusal,
  refusalMessages,
  secondsUntilAllowed,
} from "#lib/server/submissions/rules.ts";
import { lookAt, mayNotSubmitBefore, submissionsOf, submitPaper } from "#lib/server/submissions/submit.ts";
import { signInPath } from "#lib/sign-in-link.ts";
import type { Actions, PageServerLoad, RequestEvent } from "./$types";

function signedIn({ locals: { person }, url }: Pick<RequestEvent, "locals" | "url">) {
  if (!person) redirect(303, signInPath(url));
  return person;
}

export const load: PageServerLoad = async (event) => {
  const person = signedIn(event);
  const { database, now } = await site();
  const [rows, from] = await Promise.all([
    submissionsOf(database.orm, person.id),
    mayNotSubmitBefore(database.orm, person.id, now()),
  ]);
  return {
    proposed: (event.url.searchParams.get("paper") ?? "").slice(0, 200),
    longestNote: LONGEST_NOTE,
    /** The message to the owner of an account that is too young. */
    waits: from && {
      message: refusalMessages["young account"],
      from: { label: minuteLabel(from), instant: from.toISOString() },
    },
    submissions: rows.map(({ arxivId, state, reason, submittedAt, title, hidden }) => ({
      arxivId,
      isHere: title !== null && !hidden,
      title: title === null ? `arXiv:${arxivId}` : readableLine(title),
      state: hidden && state === "accepted" ? ("removed" as const) : state,
      message: isRefusal(reason) ? refusalMessages[reason] : undefined,
      on: { label: dateLabel(submittedAt, now()), instant: submittedAt.toISOString() },
    })),
  };
};

function isRefusal(reason: string | null): reason is Refusal {
  return reason !== null && Object.hasOwn(refusalMessages, reason);
}

/** The fields of a form as somebody typed them. */
async function typedFields({ request }: RequestEvent) {
  const fields = await readForm(request);
  const text = (name: string, longest: number) => String(fields.get(name) ?? "").slice(0, longest);
  return { paper: text("paper", 300), code: text("code", 400).trim(), note: text("note", 2000).trim() };
}

/** What a look at the paper needs, unless the account has looked too often. */
async function context(event: RequestEvent) {
  const person = signedIn(event);
  const allowance = lookAllowance(person.id);
  const { database, now, arxiv, jobs } = await site();
  return {
    orm: database.orm,
    jobs,
    asked: { client: arxiv, userId: person.id, now: now() },
    allowance,
  };
}

type Typed = Awaited<ReturnType<typeof typedFields>>;

function limited(event: RequestEvent, typed: Typed, allowance: Allowance) {
  return tooManyRequests(event, allowance.seconds, {
    typed,
    field: "paper",
    message: lookLimitMessage(allowance),
  });
}

interface Refused {
  readonly typed: Typed;
  readonly reason: Refusal;
  readonly arxivId?: string;
  readonly now: Date;
}

function refusal(event: RequestEvent, { typed, reason, arxivId, now }: Refused) {
  const link = reason === "featured" && arxivId ? `/papers/${arxivId}` : undefined;
  const content = { typed, field: "paper", message: refusalMessages[reason], link };
  const seconds = secondsUntilAllowed(reason, now);
  return seconds === undefined ? fail(400, content) : tooManyRequests(event, seconds, content);
}

export const actions: Actions = {
  async check(event) {
    const typed = await typedFields(event);
    const { orm, asked, allowance } = await context(event);
    if (!allowance.allowed) return limited(event, typed, allowance);
    const looked = await lookAt(orm, typed.paper, asked);
    if (looked.kind === "refused")
      return refusal(event, { typed, reason: looked.refusal, arxivId: looked.arxivId, now: asked.now });
    if (looked.kind === "unavailable") return { typed, unavailable: looked.arxivId };
    const { paper, lane } = looked;
    return {
      typed,
      preview: {
        arxivId: paper.arxivId,
        title: readableLine(paper.title),
        authors: authorsLine(paper.authors),
        published: dateLabel(paper.publishedAt, asked.now),
        abstractHtml: paper.abstractExcerptHtml,
        lane,
      },
    };
  },
  async submit(event) {
    const typed = await typedFields(event);
    const additions = readAdditions(typed.code, typed.note);
    if ("message" in additions) return fail(400, { typed, ...additions });
    const { orm, asked, allowance, jobs } = await context(event);
    if (!allowance.allowed) return limited(event, typed, allowance);
    const submitted = await submitPaper(orm, typed.paper, additions, asked);
    if (submitted.kind === "refused")
      return refusal(event, { typed, reason: submitted.refusal, arxivId: submitted.arxivId, now: asked.now });
    await jobs.request("maintenance");
    return { submitted };
  },
};
