import { and, asc, eq, inArray, isNotNull, ne, type SQL, sql } from "drizzle-orm";
import { type Day, dayOf } from "#lib/days.ts";
import type { Orm } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";
import { arrivalNeighbors, papers, paperTopics, submissions, topics } from "../database/schema/index.ts";
import { readableLine } from "../papers/abstract/readable-line.ts";
import { listedPapers } from "../papers/papers.ts";
import { paperRefusal, type Refusal } from "../submissions/rules.ts";
import { type Near, suggest } from "./suggest.ts";

const DAY = 86_400_000;
/** Papers on one page. */
export const PAGE = 50;
/** Days that are offered, and among how many the latest with papers are looked for. */
const DAYS = 14;
const LOOKED_AT = 90;

/**
 * The ids of the papers that came in a range, and when: as they arrived, or later, as a submission of them was accepted,
 * because then they join the list of the day however long they have been here.
 */
const cameWithin = (from: SQL, to: SQL) => sql`
  select p.id, greatest(p.created_at, max(s.decided_at)) as came_at
  from papers p left join submissions s on s.arxiv_id = p.arxiv_id and s.state = 'accepted'
  where p.lane is distinct from 'seed' and p.id in (
    select id from papers where lane is distinct from 'seed' and created_at >= ${from} and created_at < ${to}
    union select q.id from submissions t join papers q on q.arxiv_id = t.arxiv_id
    where t.state = 'accepted' and t.decided_at >= ${from} and t.decided_at < ${to})
  group by p.id
  having greatest(p.created_at, max(s.decided_at)) < ${to}`;

/** What came on a day. */
export interface ArrivalDay {
  readonly day: Day;
  readonly came: number;
  readonly featured: number;
}

/** The latest days on which papers came, the latest first. */
export async function arrivalDays(orm: Orm): Promise<readonly ArrivalDay[]> {
  const from = sql`now() - make_interval(days => ${LOOKED_AT}::int)`;
  const rows = await orm.execute(sql`
    select to_char(came.came_at at time zone 'UTC', 'YYYY-MM-DD') as day, count(*)::int as came,
      count(papers.featured_at) filter (where not papers.hidden)::int as featured
    from (${cameWithin(from, sql`'infinity'::timestamptz`)}) came join papers on papers.id = came.id
    group by 1 order by 1 desc limit ${DAYS}`);
  return rowsOf<ArrivalDay>(rows);
}

/** Where a paper that came stands. */
export type ArrivalState = "waiting" | "featured" | "hidden";

/** A paper that came, as moderators see it. */
export interface Arrival {
  readonly arxivId: string;
  readonly title: string;
  readonly authors: readonly string[];
  readonly abstractExcerptHtml: string;
  readonly publishedAt: Date;
  readonly categories: readonly string[];
  /** Labels. */
  readonly topics: readonly string[];
  readonly state: ArrivalState;
  readonly featuredAt: Date | null;
  /** Why it cannot be featured. */
  readonly refusal?: Refusal;
  readonly suggested: boolean;
  readonly near: readonly Near[];
  /** Papers that look like the same work. */
  readonly duplicates: readonly string[];
  /** What its submitter wrote to moderators. */
  readonly note?: string;
  /** Votes on Hugging Face, where its daily list has the paper. */
  readonly externalUpvotes: number | null;
}

/** A page of what came on a day. */
export interface ArrivalPage {
  readonly total: number;
  readonly featured: number;
  readonly pages: number;
  readonly papers: readonly Arrival[];
}

/** What came on a day, without what is shown only of a page. */
async function came(orm: Orm, day: Day) {
  const from = new Date(`${day}T00:00:00Z`);
  const to = new Date(from.getTime() + DAY);
  const instant = (at: Date) => sql`${at.toISOString()}::timestamptz`;
  return orm
    .select({
      id: papers.id,
      arxivId: papers.arxivId,
      hidden: papers.hidden,
      featuredAt: papers.featuredAt,
      withdrawn: papers.withdrawn,
      incomplete: papers.incomplete,
      categories: papers.categories,
      externalUpvotes: papers.externalUpvotes,
      neighbors: arrivalNeighbors.neighbors,
    })
    .from(papers)
    .leftJoin(arrivalNeighbors, eq(arrivalNeighbors.paperId, papers.id))
    .where(inArray(papers.id, sql`(select came.id from (${cameWithin(instant(from), instant(to))}) came)`));
}

/** The papers that are near others, by id, as they are in the lists now. */
async function nearPapers(orm: Orm, ids: readonly number[]) {
  if (ids.length === 0) return new Map<number, Omit<Near, "cosine">>();
  const rows = await orm
    .select({ id: papers.id, arxivId: papers.arxivId, title: papers.title, votes: papers.votesCount })
    .from(papers)
    .where(and(inArray(papers.id, [...ids]), eq(papers.hidden, false)));
  return new Map(rows.map(({ id, title, ...paper }) => [id, { ...paper, title: readableLine(title) }]));
}

async function topicLabels(orm: Orm, ids: readonly number[]): Promise<ReadonlyMap<number, string[]>> {
  const labels = new Map<number, string[]>();
  if (ids.length === 0) return labels;
  const rows = await orm
    .select({ id: paperTopics.paperId, label: topics.label })
    .from(paperTopics)
    .innerJoin(topics, eq(topics.slug, paperTopics.topic))
    .where(inArray(paperTopics.paperId, [...ids]))
    .orderBy(asc(topics.position));
  for (const { id, label } of rows) labels.set(id, [...(labels.get(id) ?? []), label]);
  return labels;
}

/** The papers that look like the same work as some, by the ids of those. */
async function duplicatesOf(orm: Orm, ids: readonly number[]): Promise<ReadonlyMap<number, string[]>> {
  const found = new Map<number, string[]>();
  const rows = await orm.execute(sql`
    select mine.id::int as id, other.arxiv_id as "arxivId" from unnest(${`{${ids.join()}}`}::bigint[]) as mine (id)
    join paper_duplicates d on mine.id in (d.paper_id, d.other_id) and d.dismissed_at is null
    join papers other on other.id = d.paper_id + d.other_id - mine.id order by other.arxiv_id`);
  for (const { id, arxivId } of rowsOf<{ id: number; arxivId: string }>(rows))
    found.set(id, [...(found.get(id) ?? []), arxivId]);
  return found;
}

/** What the submitters of some papers wrote to moderators, the latest of each, by arXiv's identifiers. */
async function notesOf(orm: Orm, arxivIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (arxivIds.length === 0) return new Map();
  const { arxivId, note, state, id } = submissions;
  const rows = await orm
    .select({ arxivId, note })
    .from(submissions)
    .where(and(inArray(arxivId, [...arxivIds]), isNotNull(note), ne(state, "refused")))
    .orderBy(asc(id));
  return new Map(rows.map((row) => [row.arxivId, row.note ?? ""]));
}

/** A page, from 0, of what came on a day: what is suggested first, then what is most like what readers vote for. */
export async function arrivalPage(orm: Orm, day: Day, page: number): Promise<ArrivalPage> {
  const rows = await came(orm, day);
  const nearById = await nearPapers(orm, [
    ...new Set(rows.flatMap(({ neighbors }) => (neighbors ?? []).map(({ id }) => id))),
  ]);
  const candidates = rows.map((row) => ({
    ...row,
    near: (row.neighbors ?? []).flatMap(({ id, cosine }) => {
      const paper = nearById.get(id);
      return paper ? [{ ...paper, cosine }] : [];
    }),
    // As if nothing was decided yet: the order stays while a moderator goes through it.
    eligible: paperRefusal({ ...row, hidden: false, featuredAt: null }) === undefined,
  }));
  const { suggested, others } = suggest(candidates);
  const shown = [...suggested, ...others].slice(page * PAGE, (page + 1) * PAGE);
  const ids = shown.map(({ id }) => id);
  const [listed, labels, duplicates, notes] = await Promise.all([
    listedPapers(orm, ids),
    topicLabels(orm, ids),
    duplicatesOf(orm, ids),
    notesOf(
      orm,
      shown.map(({ arxivId }) => arxivId),
    ),
  ]);
  const byId = new Map(listed.map((paper) => [paper.id, paper]));
  const inSuggestion = new Set(suggested.map(({ id }) => id));
  return {
    total: rows.length,
    featured: rows.filter(({ featuredAt, hidden }) => featuredAt !== null && !hidden).length,
    pages: Math.max(1, Math.ceil(rows.length / PAGE)),
    papers: shown.flatMap(({ id, near, hidden, featuredAt, ...row }) => {
      const paper = byId.get(id);
      if (!paper) return [];
      const { title, authors, abstractExcerptHtml, publishedAt } = paper;
      const state = hidden ? "hidden" : featuredAt ? "featured" : "waiting";
      return [
        {
          ...{
            arxivId: row.arxivId,
            title: readableLine(title),
            authors,
            abstractExcerptHtml,
            publishedAt,
            near,
            state,
            featuredAt,
          },
          ...{ categories: row.categories, externalUpvotes: row.externalUpvotes },
          topics: labels.get(id) ?? [],
          duplicates: duplicates.get(id) ?? [],
          note: notes.get(row.arxivId),
          suggested: inSuggestion.has(id),
          refusal: paperRefusal({ ...row, hidden: false, featuredAt: null }),
        },
      ];
    }),
  };
}

/** The latest days, and a page of what came on one of them: on the latest with papers, unless another is asked for. */
export async function arrivals(
  orm: Orm,
  { day: asked, page, now }: { readonly day?: Day; readonly page: number; readonly now: Date },
): Promise<ArrivalPage & { readonly days: readonly ArrivalDay[]; readonly day: Day }> {
  const days = await arrivalDays(orm);
  const day = asked ?? days[0]?.day ?? dayOf(now);
  return { days, day, ...(await arrivalPage(orm, day, page)) };
}

/** How many papers came in the last day, about which nothing is decided. */
export async function countWaiting(orm: Orm, now: Date): Promise<number> {
  const rows = await orm.execute(sql`
    select count(*)::int as count from papers
    where featured_at is null and not hidden and lane is distinct from 'seed'
      and created_at > ${now.toISOString()}::timestamptz - interval '1 day'`);
  return rowsOf<{ count: number }>(rows)[0].count;
}
