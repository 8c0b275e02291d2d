import { dayOf } from "#lib/days.ts";
import type { RankingView } from "#lib/ranking-view.ts";
import { readableLine } from "../papers/abstract/readable-line.ts";
import { listPapers } from "../papers/listing/query.ts";
import { decayedScore, EPOCH, HALF_LIFE_HOURS, hotOf } from "../papers/ranking.ts";
import { NEW_ACCOUNT_HOURS } from "../people/votes.ts";
import type { Site } from "../site.ts";

const HOUR = 3_600_000;
const DAYS = 8;

/** Papers of an example: when they are featured and voted for, in days. */
const example = [
  { name: "7 votes at once", featured: 0, votes: Array(7).fill(0) },
  { name: "new, no vote", featured: 7, votes: [] },
  { name: "found again", featured: 0, votes: [4, 4.2, 4.4, 4.6] },
] as const;

/** The score over the days of a paper, from its featuring on: one point at every change and at the end. */
function curve({ featured, votes }: (typeof example)[number]): { day: number; score: number }[] {
  const at = (day: number) => new Date(EPOCH + day * 24 * HOUR);
  const scoreAt = (day: number, cast: readonly number[]) =>
    decayedScore(
      hotOf(
        at(featured),
        cast.map((when) => ({ at: at(when), weight: 1 })),
      ),
      at(day),
    );
  const changes = [...new Set(votes)].flatMap((day) => [
    {
      day,
      score: scoreAt(
        day,
        votes.filter((when) => when < day),
      ),
    },
    {
      day,
      score: scoreAt(
        day,
        votes.filter((when) => when <= day),
      ),
    },
  ]);
  return [
    { day: featured, score: scoreAt(featured, []) },
    ...changes,
    { day: DAYS, score: scoreAt(DAYS, votes) },
  ];
}

/** What the page about the ranking shows: the parameters in force, an example, and the papers that lead now. */
export async function rankingView(site: Pick<Site, "database" | "now">): Promise<RankingView> {
  const now = site.now();
  const { papers } = await listPapers(
    site.database.orm,
    { last: dayOf(now) },
    { sort: "trending", topics: [], runnable: false, minVotes: 0 },
    { offset: 0, limit: 5 },
  );
  return {
    halfLifeHours: HALF_LIFE_HOURS,
    newAccountHours: NEW_ACCOUNT_HOURS,
    epoch: new Date(EPOCH).toISOString(),
    example: { days: DAYS, curves: example.map((paper) => ({ name: paper.name, points: curve(paper) })) },
    leaders: papers.flatMap(({ arxivId, title, votesCount, hot }) =>
      hot === null
        ? []
        : [{ arxivId, title: readableLine(title), votes: votesCount, hot, score: decayedScore(hot, now) }],
    ),
  };
}
