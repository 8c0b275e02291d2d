import { and, eq, inArray } from "drizzle-orm";
import { z } from "zod";
import type { Imported } from "#lib/imported-words.ts";
import type { Orm } from "../database/connect.ts";
import { votes as castVotes, papers } from "../database/schema/index.ts";
import { isStorable } from "../http/json-body.ts";
import { instant } from "../instant.ts";
import { followed, followSearch } from "./follows.ts";
import { exportMarks, mergeMarks } from "./reading-marks.ts";
import { castVote } from "./votes.ts";

/** The most entries of a list that are taken: a reader who marks ten papers a day has as many in five years. */
const MOST = 20_000;

/** The version of the file that is read. */
const VERSION = 1;

const marked = z.array(z.object({ paper: z.string().max(40), at: instant })).max(MOST);

/** What is read of an exported account. Its address, sessions and tokens belong to the site that it came from. */
const exportSchema = z.object({
  type: z.literal("gradus-account"),
  version: z.literal(VERSION),
  votes: marked,
  saved: marked.default([]),
  read: marked.default([]),
  followed: z
    .array(z.object({ query: z.string().max(1000), at: instant }))
    .max(MOST)
    .default([]),
  /** Read by those who know what a subscription is. */
  subscriptions: z.array(z.unknown()).max(MOST).default([]),
});

export type AccountExport = z.output<typeof exportSchema>;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Reads an exported account; undefined for a file that is none, or holds what no database can keep. */
export function parseExport(text: string): AccountExport | undefined {
  const parsed = parseJson(text);
  return isStorable(parsed) ? exportSchema.safeParse(parsed).data : undefined;
}

/** Whether a file is an exported account of a version that is not read here. */
export function hasOtherVersion(text: string): boolean {
  const known = exportSchema
    .pick({ type: true })
    .extend({ version: z.int() })
    .safeParse(parseJson(text)).data;
  return known !== undefined && known.version !== VERSION;
}

/**
 * Adds an exported account to one of this site. Votes have their own times, none later than now, and the weight that an
 * account of this age has; those of papers that are not here are left out. They were cast over a long time, so that the
 * limit of an hour is that of a file. Importing again changes nothing.
 */
export async function importAccount(
  orm: Orm,
  userId: string,
  { votes, saved, read, followed: searches }: AccountExport,
  now: Date,
): Promise<Imported> {
  const wanted = new Set([...votes, ...saved, ...read].map(({ paper }) => paper));
  const here = await papersHere(orm, [...wanted]);
  const cast = await importVotes(orm, userId, votes, now);
  const marks = await importMarks(orm, userId, { saved, read }, now);
  const follows = await importSearches(orm, userId, searches, now);
  return {
    ...{ votes: cast.added, saved: marks.saved, read: marks.read, followed: follows.added },
    known: cast.known + marks.known + follows.known,
    unknown: wanted.size - here,
    refused: follows.refused,
  };
}

/** Papers that are asked for in one statement. */
const BATCH = 500;

/** How many of these papers can be seen here. */
async function papersHere(orm: Orm, ids: readonly string[]): Promise<number> {
  let count = 0;
  for (let from = 0; from < ids.length; from += BATCH)
    count += await orm.$count(
      papers,
      and(inArray(papers.arxivId, ids.slice(from, from + BATCH)), eq(papers.hidden, false)),
    );
  return count;
}

async function importVotes(
  orm: Orm,
  userId: string,
  votes: AccountExport["votes"],
  now: Date,
): Promise<{ readonly added: number; readonly known: number }> {
  const byPaper = new Map(votes.map(({ paper, at }) => [paper, new Date(at)]));
  const found =
    byPaper.size === 0
      ? []
      : await orm
          .select({ id: papers.id, arxivId: papers.arxivId, votedAt: castVotes.votedAt })
          .from(papers)
          .leftJoin(castVotes, and(eq(castVotes.paperId, papers.id), eq(castVotes.userId, userId)))
          .where(and(inArray(papers.arxivId, [...byPaper.keys()]), eq(papers.hidden, false)));
  let added = 0;
  for (const { id, arxivId, votedAt } of found) {
    if (votedAt) continue;
    const at = byPaper.get(arxivId) ?? now;
    const state = await castVote(orm, { paperId: id, userId }, { now: at > now ? now : at, perHour: MOST });
    if (state && !("limitedFor" in state)) added += 1;
  }
  return { added, known: found.filter(({ votedAt }) => votedAt).length };
}

async function importMarks(
  orm: Orm,
  userId: string,
  { saved, read }: Pick<AccountExport, "saved" | "read">,
  now: Date,
): Promise<{ readonly saved: number; readonly read: number; readonly known: number }> {
  const marked = async () => {
    const marks = await exportMarks(orm, userId);
    return [marks.saved, marks.read].map((list) => new Set(list.map(({ arxivId }) => arxivId)));
  };
  const before = await marked();
  const marks = {
    saved: saved.map(({ paper, at }) => ({ arxivId: paper, savedAt: at })),
    read: read.map(({ paper, at }) => ({ arxivId: paper, readAt: at })),
  };
  await mergeMarks(orm, userId, marks, now);
  const after = await marked();
  const inFile = [saved, read].map((list) => [...new Set(list.map(({ paper }) => paper))]);
  const [savedHere, readHere] = after.map((set, i) => set.size - before[i].size);
  const known = inFile.map((list, i) => list.filter((paper) => before[i].has(paper)).length);
  return { saved: savedHere, read: readHere, known: known[0] + known[1] };
}

async function importSearches(
  orm: Orm,
  userId: string,
  searches: AccountExport["followed"],
  now: Date,
): Promise<{ readonly added: number; readonly known: number; readonly refused: number }> {
  const before = (await followed(orm, userId)).length;
  let taken = 0;
  for (const { query, at } of searches) {
    const when = new Date(at);
    if (!(await followSearch(orm, { userId, query, now: when > now ? now : when }))) taken += 1;
  }
  const added = (await followed(orm, userId)).length - before;
  return { added, known: taken - added, refused: searches.length - taken };
}
