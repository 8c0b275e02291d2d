import { copyFile } from "node:fs/promises";
import type { Host } from "../host.ts";
import { writeLines } from "../terminal/output.ts";
import { wrap } from "../terminal/text.ts";
import { describeProgress } from "./interrupted.ts";
import { type Plan, readSession, type Session } from "./session.ts";

/** What the name of the copy of a checkpoint ends in. */
const EARLIER = ".earlier";

/**
 * The session of a checkpoint, for a command to go on with; begun anew, and said so, where the sources of the experiments
 * have changed since: results of two versions are not mixed, and those that were there are kept in a copy of the file.
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
  let what = "";
  if (kept !== "") {
    const copy = `${file}${EARLIER}`;
    await copyFile(file, copy);
    what = ` The checkpoint's ${kept} came from other sources; a copy is kept in ${copy}.`;
  }
  writeLines(
    host.err,
    wrap(
      `The sources have changed since the checkpoint was written: starting from the beginning.${what}`,
      host.err.columns,
    ),
  );
  return { plan: session.plan, finished: [], current: null };
}
