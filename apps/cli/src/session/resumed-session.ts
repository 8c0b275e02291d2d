import type { Host } from "../host.ts";
import { writeLines } from "../terminal/output.ts";
import { wrap } from "../terminal/text.ts";
import { describeProgress } from "./interrupted.ts";
import { type Plan, readSession, type Session } from "./session.ts";

/**
 * The session of a checkpoint, for a command to go on with; begun anew, and said so, where the sources of the experiments
 * have changed since: results of two versions are not mixed.
 *
 * @throws UsageError when there is no such file, it holds no session, or one of the other command
 */
export async function resumedSession(
  host: Pick<Host, "err" | "sources">,
  file: string,
  command: Plan["command"],
): Promise<Session> {
  const { sources, ...session } = await readSession(file, command);
  if (sources === (await host.sources())) return session;
  const kept = describeProgress(session);
  const what = kept === "" ? "" : ` The checkpoint's ${kept} came from other sources.`;
  writeLines(
    host.err,
    wrap(
      `The sources have changed since the checkpoint was written: starting from the beginning.${what}`,
      host.err.columns,
    ),
  );
  return { plan: session.plan, finished: [], current: null };
}
