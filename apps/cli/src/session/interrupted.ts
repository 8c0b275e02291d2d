import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { homeFolder } from "../files/home-folder.ts";
import { plural } from "../terminal/text.ts";
import { type Plan, readStoredSession, type StoredSession } from "./session.ts";

/** The checkpoint of a session that did not finish. */
export interface InterruptedSession {
  readonly file: string;
  readonly session: StoredSession;
}

/** True when the process that wrote a checkpoint goes on. */
async function isAlive(pid: number): Promise<boolean> {
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
  // Its number may by now belong to another program, or to a dead process that was not waited for.
  const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => undefined);
  return command === undefined || command.includes("gradus");
}

/** The checkpoints in the host's folder whose processes have ended, the latest first. */
export async function interruptedSessions(home: string): Promise<InterruptedSession[]> {
  const folder = homeFolder(home, "checkpoints");
  const names = await readdir(folder).catch(() => []);
  const files = names.filter((name) => name.endsWith(".checkpoint.json")).map((name) => join(folder, name));
  const found: InterruptedSession[] = [];
  for (const file of files) {
    const session = await readStoredSession(file).catch(() => undefined);
    if (session && !(await isAlive(session.process))) found.push({ file, session });
  }
  return found.sort(
    (a, b) => b.session.savedAt.localeCompare(a.session.savedAt) || a.file.localeCompare(b.file),
  );
}

/** Orders interrupted sessions of one plan: furthest progress first. */
export function byProgress({ session: a }: InterruptedSession, { session: b }: InterruptedSession): number {
  const stages = ({ current }: StoredSession) => Object.keys(current?.stages ?? {}).length;
  return b.finished.length - a.finished.length || stages(b) - stages(a);
}

/** True when two plans do the same. */
export function samePlan(a: Plan, b: Plan): boolean {
  return JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());
}

/** What a checkpoint keeps, in words. */
export function describeProgress({ finished, current }: Pick<StoredSession, "finished" | "current">): string {
  const stages = current ? Object.keys(current.stages).length : 0;
  const inside = current?.methods !== undefined;
  const parts = [
    ...(finished.length > 0 ? [plural(finished.length, "finished run")] : []),
    ...(current && stages > 0
      ? [
          `${plural(stages, "finished stage")}${inside ? " and part of the next" : ""} of ${current.experiment}`,
        ]
      : []),
    ...(current && stages === 0 && inside ? [`part of the first stage of ${current.experiment}`] : []),
  ];
  return parts.join(" and ");
}
