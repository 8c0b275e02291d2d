import { Worker } from "node:worker_threads";
import { encodeReport, judged, type ReproductionReport, papers as registry } from "@gradus/papers";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Database, Orm } from "../database/connect.ts";
import { auditLog, papers, reports, users, withdrawnReports } from "../database/schema/index.ts";
import { engines, openSeeded } from "../database/testing.ts";
import { Problem } from "../http/problem.ts";
import { syncRegistry } from "../papers/sync-registry.ts";
import { deleteAccount, exportAccount } from "../people/account.ts";
import { fileReport, REPORTS_PER_DAY } from "./file-report.ts";
import { judgeInThread } from "./judge.ts";
import { judgeAgain } from "./judge-again.ts";
import { countPendingNotes, decideReport, moderatedReports } from "./moderate.ts";
import { ownReportIds, ownReports, purgeWithdrawnReports, withdrawReport } from "./own-reports.ts";
import { readerReports, reportCounts } from "./published.ts";
import { readReport } from "./read-report.ts";
import { measuredReport } from "./testing.ts";

const version = "0.1.0";
const start = new Date("2026-12-25T12:00:00Z");
const after = (hours: number) => new Date(start.getTime() + hours * 3_600_000);
const mechanism = await measuredReport("anyloss", "mechanism", { version });

/** The judge without a thread of its own. */
async function judge({
  paper,
  experiment,
  findings,
}: {
  paper: string;
  experiment: string;
  findings: unknown;
}) {
  const entry = registry.find(({ slug }) => slug === paper)?.experiments.find(({ id }) => id === experiment);
  if (!entry) throw new Error(experiment);
  return judged(await entry.load(), findings);
}

describe("the judge", () => {
  test("says in its thread what it says in this one", async () => {
    const { paper, experiment, findings } = mechanism;
    const { checks, undecided } = await judge({ paper, experiment, findings });
    expect(await judgeInThread({ paper, experiment, findings })).toEqual({ checks, undecided });
  });

  test("refuses findings of another form, and experiments that are not there", async () => {
    for (const request of [
      { paper: "anyloss", experiment: "mechanism", findings: null },
      { paper: "anyloss", experiment: "nothing", findings: {} },
    ])
      await expect(judgeInThread(request)).rejects.toMatchObject({
        code: "invalid_report",
        field: "report.findings",
      });
  });

  test.each([
    ["too long", "for (;;);"],
    ["too much memory", "for (const kept = []; ; ) kept.push(new Array(1e5).fill({}));"],
  ])("is ended when it takes %s", async (_, code) => {
    const start = () =>
      new Worker(`require("node:worker_threads").parentPort.postMessage({ kind: "ready" }); ${code}`, {
        eval: true,
        resourceLimits: { maxOldGenerationSizeMb: 32 },
      });
    await expect(judgeInThread(mechanism, { milliseconds: 2000, start })).rejects.toMatchObject({
      code: "invalid_report",
      message: "“report.findings” take too long to judge.",
    });
  });
});

describe.each(engines)("on %s", (_, open) => {
  let database: Database;
  let orm: Orm;
  let userId: string;
  let paperId: number;
  beforeAll(async () => {
    database = await openSeeded(open, syncRegistry);
    orm = database.orm;
    [{ id: paperId }] = await orm
      .select({ id: papers.id })
      .from(papers)
      .where(eq(papers.specSlug, "anyloss"));
  });
  afterAll(() => database?.close());
  let people = 0;
  beforeEach(async () => {
    await orm.delete(reports);
    [{ id: userId }] = await orm
      .insert(users)
      .values({ email: `r${++people}@example.org`, emailCanonicalHmac: new Uint8Array(32).fill(people) })
      .returning({ id: users.id });
  });

  async function file(
    report: ReproductionReport,
    {
      note,
      now = start,
      by = userId,
      judging = judge,
    }: { note?: string; now?: Date; by?: string; judging?: typeof judge } = {},
  ) {
    const sent = await readReport(JSON.stringify({ report: await encodeReport(report), note }), now);
    return fileReport(orm, sent, { userId: by, now, version, judge: judging });
  }
  const refused = (report: ReproductionReport, options?: Parameters<typeof file>[1]): Promise<Problem> =>
    file(report, options).then(
      () => Promise.reject(new Error("it was taken")),
      (problem) => problem,
    );
  const seedsOf = (count: number) =>
    Array.from({ length: count }, (_, i): ReproductionReport => ({ ...mechanism, elapsed: i }));

  test("reports that another version has judged are judged again, once, unless it cannot read them", async () => {
    await file(mechanism);
    const stored = async () => (await orm.select().from(reports))[0];
    const { checks, undecided, findings } = await stored();
    const asked: unknown[] = [];
    const next = async (request: Parameters<typeof judge>[0]) => {
      asked.push(request);
      return { checks: checks.map((check) => ({ ...check, held: !check.held })), undecided: [] };
    };
    expect(await judgeAgain(orm, { version, judge: next })).toBe(0);
    expect(await judgeAgain(orm, { version: "0.2.0", judge: next })).toBe(1);
    expect(asked).toEqual([{ paper: "anyloss", experiment: "mechanism", findings: mechanism.findings }]);
    expect(await stored()).toMatchObject({ judgedBy: "0.2.0", version, findings, undecided: [] });
    const held = (all: readonly { readonly held: boolean }[]) => all.map((check) => check.held);
    expect(held((await stored()).checks)).toEqual(held(checks).map((one) => !one));
    expect(await judgeAgain(orm, { version: "0.2.0", judge: next })).toBe(0);
    const unable = async () => {
      throw new Problem("invalid_report", "other findings");
    };
    expect(await judgeAgain(orm, { version: "0.3.0", judge: unable })).toBe(1);
    expect(await stored()).toMatchObject({ judgedBy: "0.3.0", undecided: [] });
    const broken = async () => {
      throw new Error("out of memory");
    };
    await expect(judgeAgain(orm, { version: "0.4.0", judge: broken })).rejects.toThrow("out of memory");
    expect(await stored()).toMatchObject({ judgedBy: "0.3.0" });
    // By the real judge, it is as it was at first.
    expect(await judgeAgain(orm, { version })).toBe(1);
    expect(await stored()).toMatchObject({ judgedBy: version, checks, undecided });
  });

  test("a report is judged, kept and shown, its text only once it is published", async () => {
    const filed = await file(mechanism, { note: "Held on my laptop." });
    expect(filed).toMatchObject({ arxivId: expect.stringMatching(/^\d{4}\.\d{5}$/), notePending: true });
    expect(filed.checks).toBe(mechanism.checks.length);
    const shown = await readerReports(orm, paperId);
    expect(shown.total).toBe(1);
    expect(shown.latest).toMatchObject([
      {
        experiment: "mechanism",
        seed: 1,
        version,
        environment: { platform: "linux x64" },
        checks: { held: filed.held, of: filed.checks },
      },
    ]);
    expect(shown.latest[0]).not.toHaveProperty("note");
    const [{ label, measured }] = mechanism.checks;
    expect(shown.figures).toContainEqual({ experiment: "mechanism", label, measured: [measured] });
    await orm.update(reports).set({ profile: "full" });
    expect(await readerReports(orm, paperId)).toMatchObject({ total: 1, figures: [] });

    const decide = (decision: Parameters<typeof decideReport>[1]["decision"]) =>
      decideReport(orm, { id: filed.id, decision, actor: userId }, start);
    expect(await countPendingNotes(orm)).toBe(1);
    expect(await decide("publish-note")).toBe(true);
    expect(await decide("publish-note")).toBe(false);
    expect(await countPendingNotes(orm)).toBe(0);
    expect((await readerReports(orm, paperId)).latest[0].note).toBe("Held on my laptop.");
    expect(await decide("hide-note")).toBe(true);
    expect(await decide("hide-note")).toBe(false);
    expect((await readerReports(orm, paperId)).latest[0]).not.toHaveProperty("note");
    expect(await decide("hide")).toBe(true);
    expect(await decide("hide")).toBe(false);
    expect(await readerReports(orm, paperId)).toEqual({ total: 0, latest: [], figures: [] });
    expect(await reportCounts(orm, [paperId])).toEqual(new Map());
    expect(await decide("restore")).toBe(true);
    expect(await decide("restore")).toBe(false);
    expect(await reportCounts(orm, [paperId])).toEqual(new Map([[paperId, 1]]));
    const log = await orm
      .select({ action: auditLog.action })
      .from(auditLog)
      .where(eq(auditLog.subject, `report ${filed.id}`));
    expect(log.map(({ action }) => action)).toEqual([
      "report.publish-note",
      "report.hide-note",
      "report.hide",
      "report.restore",
    ]);
  });

  test("what its findings do not give is refused, by name of what differs", async () => {
    const [first, ...rest] = mechanism.checks;
    const lies: ReproductionReport[] = [
      { ...mechanism, checks: [{ ...first, measured: first.measured + 1 }, ...rest] },
      { ...mechanism, checks: [{ ...first, held: !first.held }, ...rest] },
      { ...mechanism, checks: rest },
    ];
    for (const lie of lies) {
      const problem = await refused(lie);
      expect(problem).toMatchObject({ code: "invalid_report", field: "report.checks" });
      expect(problem.message).toContain("The report was altered: ");
    }
    const other = await refused({ ...lies[0], version: "0.0.9" });
    expect(other.message).toContain("made by gradus 0.0.9, whose checks differ from those of gradus 0.1.0");
    expect(await orm.$count(reports)).toBe(0);
    // Of another version with the same checks it is taken, and its version shown.
    await file({ ...mechanism, version: "0.0.9" });
    expect((await readerReports(orm, paperId)).latest[0].version).toBe("0.0.9");
  });

  test("other parameters, papers and experiments are refused", async () => {
    const cases: [ReproductionReport, string][] = [
      [{ ...mechanism, parameters: { ...mechanism.parameters, extra: 1 } }, "Parameter extra must be absent"],
      [{ ...mechanism, profile: "full" }, "as in the full profile"],
      [{ ...mechanism, paper: "nothing" }, "There is no runnable paper “nothing”."],
      [{ ...mechanism, experiment: "nothing" }, "anyloss has no experiment “nothing”."],
    ];
    for (const [report, message] of cases) expect((await refused(report)).message).toContain(message);
    await orm.update(papers).set({ hidden: true }).where(eq(papers.id, paperId));
    expect((await refused(mechanism)).message).toBe("The paper “anyloss” is not on this site.");
    await orm.update(papers).set({ hidden: false }).where(eq(papers.id, paperId));
  });

  test("the same report is taken once, also of two sent at once and by somebody else", async () => {
    const both = await Promise.allSettled([file(mechanism), file(mechanism)]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const [other] = await orm
      .insert(users)
      .values({
        email: `other${people}@example.org`,
        emailCanonicalHmac: new Uint8Array(32).fill(100 + people),
      })
      .returning({ id: users.id });
    expect(await refused(mechanism, { by: other.id })).toMatchObject({ code: "duplicate", status: 409 });
  });

  test("an account sends so many a day, and again when the first are a day old", async () => {
    for (const report of seedsOf(REPORTS_PER_DAY)) await file(report);
    const problem = await refused(mechanism, { now: after(20) });
    expect(problem).toMatchObject({ code: "too_many_requests", status: 429, retryAfter: 4 * 3600 });
    // One is left when it comes, and taken by another while it is judged.
    const another = eq(reports.ms, 0);
    await orm
      .update(reports)
      .set({ createdAt: after(-25) })
      .where(another);
    const judging: typeof judge = async (request) => {
      await orm.update(reports).set({ createdAt: start }).where(another);
      return judge(request);
    };
    expect(await refused(mechanism, { judging })).toMatchObject({ code: "too_many_requests" });
    await file(mechanism, { now: after(25) });
    expect((await readerReports(orm, paperId)).total).toBe(REPORTS_PER_DAY + 1);
    expect((await readerReports(orm, paperId)).latest).toHaveLength(20);
  });

  test("reports of suspended accounts are not shown", async () => {
    await file(mechanism);
    await orm.update(users).set({ suspendedAt: start }).where(eq(users.id, userId));
    expect((await readerReports(orm, paperId)).total).toBe(0);
    expect(await reportCounts(orm, [paperId])).toEqual(new Map());
  });

  const withdraw = (id: number | string, by = userId) =>
    withdrawReport(orm, { given: String(id), userId: by });

  test("a withdrawn report is gone from the paper, the counts and the moderators, and can be sent again", async () => {
    const { id, arxivId } = await file(mechanism, { note: "Held on my laptop." });
    const other = await file({ ...mechanism, elapsed: 7 });
    expect(await ownReports(orm, userId)).toMatchObject([
      { id: other.id, arxivId, noteState: null },
      {
        id,
        arxivId,
        experiment: "The amplifier, and the gradients of metric losses",
        seed: 1,
        state: "published",
        noteState: "pending",
      },
    ]);
    expect((await ownReportIds(orm, userId, arxivId)).sort()).toEqual([id, other.id].sort());
    expect(await withdraw(id)).toBe(true);
    expect(await withdraw(id)).toBe(false);
    expect((await readerReports(orm, paperId)).latest.map((one) => one.id)).toEqual([other.id]);
    expect(await reportCounts(orm, [paperId])).toEqual(new Map([[paperId, 1]]));
    expect(await countPendingNotes(orm)).toBe(0);
    expect((await moderatedReports(orm)).map((one) => one.id)).toEqual([other.id]);
    // A moderator who had the list open.
    for (const decision of ["publish-note", "hide", "restore"] as const)
      expect(await decideReport(orm, { id, decision, actor: userId }, start)).toBe(false);
    expect(await withdraw(other.id)).toBe(true);
    expect(await readerReports(orm, paperId)).toEqual({ total: 0, latest: [], figures: [] });
    expect(await exportAccount(orm, userId)).toMatchObject({
      reports: [],
      withdrawn_reports: [{ sent: start }, { sent: start }],
    });
    expect((await file(mechanism)).id).toBeGreaterThan(other.id);
  });

  test("a report that a moderator hid can be withdrawn; nobody withdraws those of others", async () => {
    const { id } = await file(mechanism);
    await decideReport(orm, { id, decision: "hide", actor: userId }, start);
    const [other] = await orm
      .insert(users)
      .values({ email: `w${people}@example.org`, emailCanonicalHmac: new Uint8Array(32).fill(50 + people) })
      .returning({ id: users.id });
    const foreign = [id, `${id} or true`, "", "0", "-1", "1e1", "9".repeat(40)];
    for (const given of foreign) expect(await withdraw(given, other.id), `${given}`).toBe(false);
    expect(await ownReports(orm, other.id)).toEqual([]);
    expect(await ownReports(orm, userId)).toMatchObject([{ id, state: "hidden" }]);
    expect(await withdraw(id)).toBe(true);
    expect(await orm.$count(reports)).toBe(0);
  });

  test("withdrawn reports count in the limit of a day, and are forgotten after it", async () => {
    for (const report of seedsOf(REPORTS_PER_DAY)) expect(await withdraw((await file(report)).id)).toBe(true);
    expect(await refused(mechanism, { now: after(20) })).toMatchObject({
      code: "too_many_requests",
      retryAfter: 4 * 3600,
    });
    await file(mechanism, { now: after(25) });
    const mine = eq(withdrawnReports.userId, userId);
    await purgeWithdrawnReports(orm, after(23));
    expect(await orm.$count(withdrawnReports, mine)).toBe(REPORTS_PER_DAY);
    await purgeWithdrawnReports(orm, after(25));
    expect(await orm.$count(withdrawnReports, mine)).toBe(0);
  });

  test("moderators see texts that wait first; an account's export has its reports, and its end removes them", async () => {
    const [plain, noted] = seedsOf(2);
    await file(noted, { note: "Look." });
    await file(plain, { now: after(1) });
    const moderated = await moderatedReports(orm);
    expect(moderated.map(({ note }) => note)).toEqual(["Look.", null]);
    const [{ id }] = moderated;
    await decideReport(orm, { id, decision: "hide", actor: userId }, start);
    // Nobody waits for the text of a report that is not shown.
    expect(await countPendingNotes(orm)).toBe(0);
    expect(await exportAccount(orm, userId)).toMatchObject({
      reports: [
        { experiment: "mechanism", note: "Look.", note_state: "pending" },
        { experiment: "mechanism", note: null },
      ],
    });
    await deleteAccount(orm, userId, Buffer.alloc(32));
    expect(await orm.$count(reports)).toBe(0);
  });

  test("a report of an account that is deleted while it is judged is refused", async () => {
    const judging: typeof judge = async (request) => {
      await deleteAccount(orm, userId, Buffer.alloc(32));
      return judge(request);
    };
    const problem = await refused(mechanism, { judging });
    expect(problem).toMatchObject({ name: "Problem", code: "unauthorized" });
    expect(problem.message).toBe("This account was deleted.");
    expect(await orm.$count(reports)).toBe(0);
  });
});
