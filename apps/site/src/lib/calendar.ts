import type { Day } from "./days.ts";

const DAY = 86_400_000;

/** The weeks of a month (`2025-12`), Monday to Sunday; undefined where a week reaches into another month. */
export function monthWeeks(month: string): (Day | undefined)[][] {
  const first = Date.parse(`${month}-01T00:00:00Z`);
  const monday = first - ((new Date(first).getUTCDay() + 6) % 7) * DAY;
  const weeks: (Day | undefined)[][] = [];
  for (let begin = monday; ; begin += 7 * DAY) {
    const days = Array.from({ length: 7 }, (_, i) => new Date(begin + i * DAY).toISOString().slice(0, 10));
    if (weeks.length > 0 && !days[0].startsWith(month)) return weeks;
    weeks.push(days.map((day) => (day.startsWith(month) ? day : undefined)));
  }
}
