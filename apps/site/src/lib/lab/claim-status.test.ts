import { type Check, claimVerdicts, criterion } from "@gradus/papers";
import { expect, test } from "vitest";
import type { OfficialClaim } from "#lib/views.ts";
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
  findings: {},
  whole: true,
  ...more,
});
const official = (claim: string, good: number, of: number): OfficialClaim => {
  const runs = Array.from({ length: of }, (_, seed) => ({ ...here(claim, seed < good), seed }));
  return { claim, quick: claimVerdicts(paper, runs).find((one) => one.claim === claim) };
};
const known = (runs: readonly StoredRun[], officials: readonly OfficialClaim[]) =>
  knownClaims(paper, runs, officials);

test("a claim has its official verdict, over seeds, whatever this browser measured", () => {
  const officials = [official("C1", 20, 20), official("C2", 12, 20)];
  expect(known([], officials).map(({ badge }) => badge)).toEqual(["held", "mixed"]);
  const [c1] = known([here("C1", false)], officials);
  expect(c1.badge).toBe("held");
  expect(c1.shown.runs).toEqual({ held: 20, of: 20 });
  // The reader's run is one more seed beside them.
  expect(c1.own).toMatchObject({ verdict: "did not hold", checks: [{ measured: [3] }] });
  expect(c1.run?.seed).toBe(1);
});

test("without an official measurement this browser's latest runs decide", () => {
  const [c1, c2] = known([here("C1", false)], []);
  expect([c1.badge, c1.official, c2.badge, c2.own]).toEqual([
    "did not hold",
    undefined,
    "not run",
    undefined,
  ]);
  expect(known([here("C1", true)], [{ claim: "C1" }])[0].badge).toBe("held");
});

test("the full size is told beside the quick one", () => {
  const { quick } = official("C1", 1, 1);
  const [c1] = known([], [{ claim: "C1", quick, full: quick }]);
  expect(c1.full?.verdict).toBe("held");
});

test("what is known of all claims says from where it is", () => {
  const officials = [official("C1", 20, 20), official("C2", 0, 20)];
  const words = (runs: readonly StoredRun[], of = officials) => claimsSummary(known(runs, of));
  expect(words([])).toBe("officially 1 of 2 claims held");
  expect(words([here("C1", true)])).toBe("1 of 2 claims held, 1 measured here");
  expect(words([here("C1", true)], [])).toBe("1 of 2 claims held, 1 not run");
});
