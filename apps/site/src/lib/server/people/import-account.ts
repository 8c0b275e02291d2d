import { and, eq, inArray } from "drizzle-orm";
import { z } from "zod";
import type { Orm } from "../database/connect.ts";
import { votes as castVotes, papers } from "../database/schema/index.ts";
import { followSearch } from "./follows.ts";
import { mergeMarks } from "./reading-marks.ts";
import { castVote } from "./votes.ts";

/** The most entries of a list that are taken: a reader who marks ten papers a day has as many in five years. */
const MOST = 20_000;

const instant = z.iso.datetime({ offset: true });
const marked = z.array(z.object({ paper: z.string().max(40), at: instant })).max(MOST);

/** What is read of an exported account. Its address, sessions and tokens belong to the site that it came from. */
const exportSchema = z.object({
  type: z.literal("gradus-account"),
  version: z.literal(1),
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

/** Reads an exported account; undefined for a file that is none. */
export function parseExport(text: string): AccountExport | undefined {
  try {
    return exportSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** What an import brought. */
export interface Imported {
  /** Votes that the account has now, those included that it had before. */
  readonly votes: number;
  /** Votes for papers that are not here. */
  readonly unknown: number;
}

/**
 * Adds an exported account to one of this site. Votes have their own times, none later than now, and the weight that an
 * account of this age has; those of papers that are not here are left out. They were cast over a long time, so that the
 * limit of an hour is that of a file. Importing again changes nothing.
 */
export async function importAccount(
  orm: Orm,
  userId: string,
  { votes, saved, read, followed }: AccountExport,
  now: Date,
): Promise<Imported> {
  const byPaper = new Map(votes.map(({ paper, at }) => [paper, new Date(at)]));
  const found =
    byPaper.size === 0
      ? []
      : await orm
          .select({ id: papers.id, arxivId: papers.arxivId, votedAt: castVotes.votedAt })
          .from(papers)
          .leftJoin(castVotes, and(eq(castVotes.paperId, papers.id), eq(castVotes.userId, userId)))
          .where(and(inArray(papers.arxivId, [...byPaper.keys()]), eq(papers.hidden, false)));
  let cast = 0;
  for (const { id, arxivId, votedAt } of found) {
    const at = byPaper.get(arxivId) ?? now;
    const state =
      votedAt ?? (await castVote(orm, { paperId: id, userId }, { now: at > now ? now : at, perHour: MOST }));
    if (state && !("limitedFor" in state)) cast += 1;
  }
  const marks = {
    saved: saved.map(({ paper, at }) => ({ arxivId: paper, savedAt: at })),
    read: read.map(({ paper, at }) => ({ arxivId: paper, readAt: at })),
  };
  await mergeMarks(orm, userId, marks, now);
  for (const { query, at } of followed) {
    const when = new Date(at);
    await followSearch(orm, { userId, query, now: when > now ? now : when });
  }
  return { votes: cast, unknown: byPaper.size - found.length };
}
