import { type Check, criterion } from "@gradus/papers";
import { expect, test } from "vitest";
import type { OfficialRun } from "#lib/views.ts";
import { claimsSummary, knownClaims } from "./claim-status.ts";
import type { StoredRun } from "./store/run.ts";

const paper = {
  slug: "walks",
  claims: ["C1", "C2"].map((id) => ({ id, statement: id, short: id, reported: "not stated" })),
};
const check = (claim: string, held: boolean): Check => ({
  claim,
  label: "length",
  measured: held ? 1 : 3,
  condition: { atMost: 2 },
  ground: criterion("two"),
  held,
});
const environment = { runtime: "Node 24", platform: "linux x64", cores: 2 };

const here = (claim: string, held: boolean, more: Partial<StoredRun> = {}): StoredRun => ({
  id: `${claim}${held}`,
  paper: "walks",
  experiment: "walk",
  profile: "quick",
  seed: 1,
  modified: false,
  checks: [check(claim, held)],
  undecided: [],
  startedAt: "2025-12-25T10:00:00.000Z",
  elapsed: 1,
  environment,
  whole: true,
  ...more,
});
const official = (claim: string, held: boolean, more: Partial<OfficialRun> = {}): OfficialRun => ({
  paper: "walks",
  experiment: "walk",
  profile: "quick",
  seed: 1,
  modified: false,
  checks: [check(claim, held)],
  undecided: [],
  environment,
  version: "0.1.0",
  ranAt: { label: "December 24, 2025", instant: "2025-12-24T10:00:00.000Z" },
  ...more,
});
const badges = (runs: readonly StoredRun[], officials: readonly OfficialRun[]) =>
  knownClaims(paper, runs, officials).map(({ badge }) => badge);

test("a claim that was not run here has the official verdict", () => {
  expect(badges([], [])).toEqual(["not run", "not run"]);
  expect(badges([], [official("C1", true), official("C2", false)])).toEqual(["held", "did not hold"]);
});

test("a run here speaks before the official one, and says so where the same run came out otherwise", () => {
  expect(badges([here("C1", true)], [official("C1", true)])[0]).toBe("held");
  expect(badges([here("C1", false)], [official("C1", true)])[0]).toBe("differs by platform");
  expect(badges([here("C1", true)], [official("C1", false)])[0]).toBe("differs by platform");
});

test("another seed or profile is another measurement, not another platform", () => {
  expect(badges([here("C1", false, { seed: 2 })], [official("C1", true)])[0]).toBe("did not hold");
  expect(badges([here("C1", false)], [official("C1", true, { profile: "full" })])[0]).toBe("did not hold");
  expect(badges([here("C1", false, { experiment: "other" })], [official("C1", true)])[0]).toBe(
    "did not hold",
  );
});

test("official runs of several experiments decide together", () => {
  const [c1] = knownClaims(paper, [], [official("C1", true), official("C1", false, { experiment: "other" })]);
  expect(c1.official?.verdict).toBe("did not hold");
  expect(c1.official?.decisive?.measured).toEqual([3]);
});

test("a run here of one experiment of several is no contradiction of the others", () => {
  const officials = [official("C1", true), official("C1", false, { experiment: "other" })];
  const [c1] = knownClaims(paper, [here("C1", true)], officials);
  expect(c1.badge).toBe("did not hold");
  expect(c1.verdict).toBe("held");
  expect(c1.part).toEqual({ here: 1, of: 2 });
  expect(c1.shown.checks.map(({ held }) => held)).toEqual([1, 0]);
  expect(c1.shown.decisive?.measured).toEqual([3]);
  expect([...c1.officialExperiments]).toEqual(["other"]);
  expect(c1.decidedOfficially).toBe(true);
  expect(badges([here("C1", true), here("C1", true, { experiment: "other" })], officials)[0]).toBe(
    "differs by platform",
  );
  expect(badges([here("C1", false)], officials)[0]).toBe("differs by platform");
});

test("a run here of every experiment leaves nothing of the official verdict", () => {
  const [c1] = knownClaims(paper, [here("C1", true, { seed: 2 })], [official("C1", false)]);
  expect(c1.badge).toBe("held");
  expect(c1.part).toBeUndefined();
  expect(c1.shown.checks).toEqual(c1.checks);
  expect(c1.officialExperiments.size).toBe(0);
  expect(c1.decidedOfficially).toBe(false);
});

test("a failed check of a run here decides before official ones, and none decides what nobody measured", () => {
  const officials = [official("C1", true), official("C1", false, { experiment: "other" })];
  const [c1, c2] = knownClaims(paper, [here("C1", false)], officials);
  expect([c1.badge, c1.decidedOfficially]).toEqual(["differs by platform", false]);
  expect([c2.badge, c2.decidedOfficially]).toEqual(["not run", false]);
  expect(knownClaims(paper, [], officials)[0].decidedOfficially).toBe(true);
});

test("what is known of all claims says from where it is, unless all of it is from here", () => {
  const officials = [official("C1", true), official("C2", false, { experiment: "other" })];
  const words = (runs: readonly StoredRun[], known: readonly OfficialRun[] = officials) =>
    claimsSummary(knownClaims(paper, runs, known));
  const other = here("C2", true, { experiment: "other", seed: 2 });
  expect(words([])).toBe("1 of 2 held officially");
  expect(words([here("C1", true)])).toBe("1 of 2 held, 1 measured here");
  expect(words([here("C1", true), other])).toBe("2 of 2 held");
  expect(words([here("C1", true)], [])).toBe("1 of 2 held, 1 not run");
  expect(words([], [])).toBe("2 claims, not run yet");
});
