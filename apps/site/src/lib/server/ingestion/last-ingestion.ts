import { max, notInArray } from "drizzle-orm";
import { ago } from "#lib/days.ts";
import type { LastIngestionView } from "#lib/views.ts";
import type { Orm } from "../database/connect.ts";
import { ingestState } from "../database/schema/index.ts";

/** Hours of weekdays after which the absence of new papers is worth a warning. */
const STALE_HOURS = 36;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Hours of Mondays to Fridays (UTC) between two instants: arXiv announces nothing on the other days. */
export function weekdayHours(from: Date, to: Date): number {
  let hours = 0;
  for (let begin = from.getTime(); begin < to.getTime(); ) {
    const end = Math.min((Math.floor(begin / DAY) + 1) * DAY, to.getTime());
    const weekday = new Date(begin).getUTCDay();
    if (weekday !== 0 && weekday !== 6) hours += (end - begin) / HOUR;
    if (hours > STALE_HOURS) break;
    begin = end;
  }
  return hours;
}

/** When new papers last came in; undefined when they never did. Changes, and lists of other sites,
 * bring none as a rule. */
export async function lastIngestion(orm: Orm, now: Date): Promise<LastIngestionView | undefined> {
  const [{ okAt }] = await orm
    .select({ okAt: max(ingestState.okAt) })
    .from(ingestState)
    .where(notInArray(ingestState.source, ["oai", "hugging-face"]));
  if (!okAt) return undefined;
  return {
    label: ago(okAt, now),
    instant: okAt.toISOString(),
    stale: weekdayHours(okAt, now) > STALE_HOURS,
  };
}
