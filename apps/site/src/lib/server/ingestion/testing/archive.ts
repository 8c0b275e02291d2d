import { randomStream } from "gradus/random";
import type { FakePaper } from "./fake-arxiv.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Announcements: Monday to Friday at 01:00 UTC, of what was submitted up to 19:00 UTC of the last day of work. */
function announcement(submitted: number): number {
  for (let day = Math.floor(submitted / DAY) * DAY; ; day += DAY) {
    const weekday = new Date(day).getUTCDay();
    if (weekday === 0 || weekday === 6) continue;
    const deadline = day - (weekday === 1 ? 3 : 1) * DAY + 19 * HOUR;
    if (submitted <= deadline) return day + HOUR;
  }
}

/** What an archive has. */
export interface ArchiveSettings {
  readonly start: Date;
  readonly days: number;
  readonly papersPerDay: number;
  readonly seed: number;
}

/**
 * Papers of an archive over some days, in the order of their submission: one in a hundred is held by moderators for
 * ten days, one in twenty gets a second version, a few are withdrawn with it.
 */
export function archive({ start, days, papersPerDay, seed }: ArchiveSettings): FakePaper[] {
  const random = randomStream(seed);
  const papers: FakePaper[] = [
    {
      id: "1412.6980",
      title: "A witness",
      category: "cs.LG",
      versions: [new Date("2014-12-22T13:54:29Z")],
      announced: new Date("2014-12-23T01:00:00Z"),
    },
  ];
  for (let day = 0; day < days; day++)
    for (let i = 0; i < papersPerDay; i++) {
      const submitted =
        start.getTime() + day * DAY + Math.floor(((i + random.uniform()) / papersPerDay) * DAY);
      const yymm = new Date(submitted).toISOString().slice(2, 7).replace("-", "");
      const held = random.uniform() < 0.01;
      const announced = announcement(submitted + (held ? 10 * DAY : 0));
      const revised = random.uniform() < 0.05;
      const withdrawn = revised && random.uniform() < 0.1;
      papers.push({
        id: `${yymm}.${String(papers.length).padStart(5, "0")}`,
        title: `Paper ${papers.length}`,
        category: i % 3 === 0 ? "math.OC" : "cs.LG",
        versions: [
          new Date(submitted),
          ...(revised ? [new Date(announcement(announced + Math.floor(5 * random.uniform() * DAY)))] : []),
        ],
        announced: new Date(announced),
        ...(withdrawn ? { comment: "This paper has been withdrawn by the authors" } : {}),
      });
    }
  return papers;
}
