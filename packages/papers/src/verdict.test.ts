import { describe, expect, test } from "vitest";
import { check, inconclusive } from "./check.ts";
import { criterion, theorem } from "./ground.ts";
import { checkVerdict, claimVerdicts, formatSpread, type JudgedRun, seedChecks } from "./verdict.ts";

const paper = { slug: "walks", claims: [{ id: "C1" }, { id: "C2" }] };

function run(seed: number, measured: number | null, changes: Partial<JudgedRun> = {}): JudgedRun {
  return {
    paper: "walks",
    experiment: "walk",
    seed,
    modified: false,
    checks: measured === null ? [] : [check("C1", "length", measured, { atMost: 10 }, criterion("ten"))],
    undecided: measured === null ? [inconclusive("C1", "too short")] : [],
    ...changes,
  };
}

const lengths = (...measured: readonly (number | null)[]) => measured.map((m, seed) => run(seed + 1, m));
const repeated = (good: number, bad: number) =>
  lengths(...new Array<number>(good).fill(1), ...new Array<number>(bad).fill(11));
const first = (runs: readonly JudgedRun[]) => claimVerdicts(paper, runs)[0];

describe("a claim over seeds", () => {
  test.each([
    [20, 0, "held"],
    [19, 1, "held"],
    [18, 2, "mixed"],
    [17, 1, "mixed"],
    [2, 18, "mixed"],
    [1, 19, "did not hold"],
    [0, 20, "did not hold"],
    [5, 0, "held"],
    [4, 1, "mixed"],
    [1, 0, "held"],
    [0, 1, "did not hold"],
  ] as const)("held in %d and failed in %d runs: %s", (good, bad, verdict) => {
    expect(first(repeated(good, bad))).toMatchObject({ verdict, runs: { held: good, of: good + bad } });
  });

  test("it is inconclusive where the runs leave it undecided, and says why", () => {
    expect(first(lengths(null, null))).toMatchObject({ verdict: "inconclusive", reason: "too short" });
    expect(first(lengths(1, 1, null))).toMatchObject({ verdict: "inconclusive" });
    // What failed is not made undecided by what is missing beside it.
    expect(first([run(1, 11, { undecided: [inconclusive("C1", "too short")] })]).verdict).toBe(
      "did not hold",
    );
  });

  test("it is decided where 19 of 20 runs decide it, one way or the other", () => {
    const twenty = lengths(...new Array<number>(10).fill(1), ...new Array<number>(9).fill(11), null);
    expect(first(twenty).verdict).toBe("mixed");
    expect(first([...twenty.slice(1), run(1, null)]).verdict).toBe("inconclusive");
  });

  test("of equal verdicts the experiment that held least often decides, and its check that held least often", () => {
    const other = [1, 1, 11, 11, 11].map((measured, k) => run(k + 1, measured, { experiment: "other" }));
    expect(first([...lengths(1, 1, 1, 11, 11), ...other]).runs).toEqual({ held: 2, of: 5 });
    expect(first([...other, ...lengths(1, 1, 1, 11, 11)]).runs).toEqual({ held: 2, of: 5 });
    const widths = lengths(1, 1, 11).map((one) => {
      const width = check("C1", "width", one.seed, { below: 1 }, criterion("one"));
      return { ...one, checks: [...one.checks, width] };
    });
    expect(first(widths).decisive).toMatchObject({ label: "width", held: 0 });
  });

  test("nothing is known without runs, and changed ones or those of other papers say nothing", () => {
    expect(first([]).verdict).toBe("not run");
    expect(first([run(1, 1, { modified: true }), run(1, 1, { paper: "other" })]).verdict).toBe("not run");
    expect(claimVerdicts(paper, lengths(1))[1].verdict).toBe("not run");
  });

  test("of several experiments the weakest decides", () => {
    const other = run(1, 11, { experiment: "other" });
    const verdict = first([...lengths(1, 1, 1), other]);
    expect(verdict).toMatchObject({ verdict: "did not hold", runs: { held: 0, of: 1 } });
    expect(verdict.decisive?.experiment).toBe("other");
    expect(verdict.checks.map(({ experiment }) => experiment)).toEqual(["walk", "other"]);
  });

  test("an experiment that leaves it undecided counts only where no other decides, and is told", () => {
    const other = run(1, null, { experiment: "other" });
    expect(first([...lengths(1, 1), other])).toMatchObject({
      verdict: "held",
      reason: "other is inconclusive: too short",
    });
    expect(first([...lengths(1, 11), other]).verdict).toBe("mixed");
    expect(first([other])).toMatchObject({ verdict: "inconclusive", reason: "too short" });
  });

  test("it is by our criterion where no check has another ground", () => {
    expect(first(lengths(1)).byCriterion).toBe(true);
    const proved = check("C1", "width", 1, { atMost: 2 }, theorem("Theorem 1"));
    expect(first([run(1, 1), run(1, 1, { checks: [proved], experiment: "width" })]).byCriterion).toBe(false);
    expect(first([]).byCriterion).toBe(false);
  });
});

test("a check over seeds keeps every figure, and its median stands for it", () => {
  const [length] = first(lengths(3, 11, 1)).checks;
  expect(length).toMatchObject({ measured: [3, 11, 1], seeds: [1, 2, 3], held: 2 });
  expect(formatSpread(length)).toBe("3 (1 to 11)");
  expect(formatSpread({ measured: [2, 2], condition: { atMost: 3 } })).toBe("2");
  expect(formatSpread(first(lengths(1, Number.NaN)).checks[0])).toBe("NaN");
});

test.each([
  [20, 20, "held"],
  [19, 20, "held"],
  [18, 20, "mixed"],
  [2, 20, "mixed"],
  [1, 20, "did not hold"],
  [0, 1, "did not hold"],
] as const)("a check that held in %d of %d runs: %s", (held, of, verdict) => {
  expect(checkVerdict({ held, seeds: Array.from({ length: of }, (_, k) => k + 1) })).toBe(verdict);
});

test("our own checks are gathered apart and decide nothing", () => {
  const own = check("C1", "x", 1, { atMost: 2 }, criterion("two"));
  const runs = [run(1, 1, { checks: [own, { ...own, claim: null, held: false }] })];
  expect(first(runs).verdict).toBe("held");
  expect(seedChecks(null, runs)).toMatchObject([{ claim: null, measured: [1], held: 0 }]);
});
