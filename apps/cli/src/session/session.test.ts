import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { executeInProcess } from "../execute/in-process.ts";
import { resolveSelection } from "../experiments/select.ts";
import { papers } from "../fixture/papers.ts";
import { readSession, runExperiments, type Session, type SessionObserver, sessionText } from "./session.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gradus-session-"));
});
afterEach(() => rm(folder, { recursive: true }));

const signal = new AbortController().signal;
const silent: SessionObserver = {
  begin() {},
  event() {},
  advance() {},
  finish() {},
  fail: () => false,
};
const fresh = (): Session => ({
  plan: { command: "run", names: ["random-walks"], profile: "quick", seed: 3, seeds: 1, set: {} },
  finished: [],
  current: null,
});
const about = { args: ["run", "random-walks"], sources: "these" };
const { targets } = resolveSelection(papers, "random-walks");

/** A session interrupted when its first experiment has finished three stages. */
async function cutShort(): Promise<Session> {
  const session = fresh();
  let stages = 0;
  const run = runExperiments(session, targets, { execute: executeInProcess(papers) }, signal, {
    ...silent,
    event(event) {
      if (event.kind === "stage" && ++stages === 4) throw new Error("enough");
    },
  });
  await expect(run).rejects.toThrow("enough");
  return session;
}

describe("runSession", () => {
  it("continues an interrupted session that was written and read again", async () => {
    const cut = await cutShort();
    expect(Object.keys(cut.current?.stages ?? {})).toEqual(["stage 0", "stage 1", "stage 2"]);
    const file = join(folder, "s.json");
    await writeFile(file, sessionText(cut, about));
    const resumed = await readSession(file, "run");
    await runExperiments(resumed, targets, { execute: executeInProcess(papers) }, signal, silent);
    const whole = fresh();
    await runExperiments(whole, targets, { execute: executeInProcess(papers) }, signal, silent);
    const measured = ({ finished }: Session) => finished.map((r) => ({ ...r, elapsed: 0, startedAt: "" }));
    expect(measured(resumed)).toEqual(measured(whole));
  });

  it("does not repeat finished experiments", async () => {
    const session = fresh();
    await runExperiments(session, targets, { execute: executeInProcess(papers) }, signal, silent);
    const begun: string[] = [];
    await runExperiments(session, targets, { execute: executeInProcess(papers) }, signal, {
      ...silent,
      begin: (_, experiment) => void begun.push(experiment.id),
    });
    expect(begun).toEqual([]);
  });

  it("runs every seed of a plan and draws only the first; an official measurement has 20 quick ones or 5 full ones", async () => {
    const session = { ...fresh(), plan: { ...fresh().plan, seeds: "official" as const } };
    const [walk] = targets;
    await runExperiments(session, [walk], { execute: executeInProcess(papers) }, signal, silent);
    expect(session.finished.map(({ seed }) => seed)).toEqual(Array.from({ length: 20 }, (_, k) => 3 + k));
    expect(session.finished.map(({ plots }) => plots.length)).toEqual([2, ...new Array(19).fill(0)]);
    expect(session.finished.every(({ findings }) => typeof findings === "object")).toBe(true);
    const full = { ...session, plan: { ...session.plan, profile: "full" as const }, finished: [] };
    await runExperiments(full, [walk], { execute: executeInProcess(papers) }, signal, silent);
    expect(full.finished).toHaveLength(5);
  });

  it("continues after a failure if the observer says so", async () => {
    const session = fresh();
    const failed: string[] = [];
    const some = resolveSelection(papers, "broken").targets.filter(({ entry }) => entry.id !== "crash");
    await runExperiments(session, some, { execute: executeInProcess(papers) }, signal, {
      ...silent,
      fail: ({ entry }) => failed.push(entry.id) > 0,
    });
    expect(failed).toEqual(["no-data", "bug"]);
    expect(session.finished.map((report) => report.experiment)).toEqual(["steady"]);
  });
});

describe("sessionText and readSession", () => {
  it("keep every bit", async () => {
    const cut = await cutShort();
    const file = join(folder, "s.json");
    await writeFile(file, sessionText(cut, about));
    expect(await readSession(file, "run")).toEqual({ ...cut, sources: "these" });
  });

  it("name the error in a file", async () => {
    const file = join(folder, "s.json");
    await expect(readSession(file, "run")).rejects.toThrow("cannot be read");
    await writeFile(file, sessionText(fresh(), about));
    await expect(readSession(file, "verify")).rejects.toThrow('is of "run", not of "verify"');
    const text = await readFile(file, "utf8");
    await writeFile(file, text.slice(0, -10));
    await expect(readSession(file, "run")).rejects.toThrow("it is not valid JSON");
    await writeFile(file, text.replace('"format":2', '"format":3'));
    await expect(readSession(file, "run")).rejects.toThrow("not a checkpoint that this version");
    await writeFile(file, "[]");
    await expect(readSession(file, "run")).rejects.toThrow("not a checkpoint");
  });
});
