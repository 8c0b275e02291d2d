import { createHash } from "node:crypto";
import { serializeCheckpoint } from "gradus/iterate";
import { expect, test } from "vitest";
import { z } from "zod";
import { check, inconclusive } from "./check.ts";
import { defineExperiment } from "./experiment.ts";
import { theorem } from "./ground.ts";
import { encodeReport, judgmentDifference, reportHash, reproductionReport } from "./reproduction.ts";
import { judged, type RunReport, runExperiment } from "./run.ts";

const squares = defineExperiment({
  description: "Adds odd numbers.",
  parameters: z.object({ count: z.int().min(1).default(4).describe("numbers to add") }),
  profiles: { quick: {}, full: { count: 9 } },
  seconds: { quick: 1, full: 1 },
  plots: [],
  // biome-ignore lint/correctness/useYield: it shows nothing.
  async *measure({ parameters: { count } }) {
    return { sum: count ** 2, ratio: Number.NEGATIVE_INFINITY };
  },
  judge: ({ sum, ratio }) => [
    check("C1", "the sum", sum, { equals: 16 }, theorem("odd numbers add up to squares")),
    check("C2", "the ratio", ratio, { below: 0 }, theorem("by definition")),
    inconclusive("C3", "Nothing is said of it."),
  ],
  present: () => ({ headline: "", summary: [], captions: {} }),
});
const experiment = { ...squares, id: "squares", title: "Squares", claims: ["C1"] };

async function run(set: Readonly<Record<string, unknown>> = {}): Promise<RunReport> {
  const environment = { runtime: "test", platform: "test", cores: 1 };
  const running = runExperiment(experiment, { paper: "sums", seed: 3, set, environment });
  for (;;) {
    const next = await running.next();
    if (next.done) return next.value;
  }
}

test("a report has what was found, how and where, and no pictures", async () => {
  const report = reproductionReport(await run(), "1.2.3");
  expect(report).toMatchObject({
    paper: "sums",
    experiment: "squares",
    profile: "quick",
    seed: 3,
    parameters: { count: 4 },
    version: "1.2.3",
    findings: { sum: 16, ratio: Number.NEGATIVE_INFINITY },
    checks: [
      { claim: "C1", label: "the sum", measured: 16, held: true },
      { claim: "C2", label: "the ratio", measured: Number.NEGATIVE_INFINITY, held: true },
    ],
    undecided: ["C3"],
  });
  expect(Object.keys(report)).not.toContain("series");
});

test("a run with changed parameters makes none", async () => {
  const changed = await run({ count: 5 });
  expect(() => reproductionReport(changed, "1")).toThrow(
    "report of sums/squares: parameters must be those of the quick profile, got changed ones",
  );
});

test("the hash is SHA-256 of JSON with sorted keys", async () => {
  const expected = createHash("sha256").update('{"a":[1,{"b":null,"c":"é"}],"z":true}').digest("hex");
  expect(await reportHash({ z: true, a: [1, { c: "é", b: null }] })).toBe(expected);
  const { hash, ...rest } = await encodeReport(reproductionReport(await run(), "1"));
  expect(await reportHash(rest)).toBe(hash);
  expect(await reportHash({ ...rest, seed: 4 })).not.toBe(hash);
  // What was sent is plain JSON, and says what is not finite.
  expect(JSON.parse(JSON.stringify(rest))).toEqual(rest);
  expect(rest.findings).toEqual(JSON.parse(serializeCheckpoint({ sum: 16, ratio: -Infinity })));
});

test("what a report states is compared with what its findings give", async () => {
  const report = reproductionReport(await run(), "1");
  const given = judged(experiment, report.findings);
  expect(judgmentDifference(report, given)).toBeUndefined();
  const [first, second] = report.checks;
  const stating = (checks: typeof report.checks, undecided = report.undecided) =>
    judgmentDifference({ checks, undecided }, given);
  expect(stating([{ ...first, measured: 16 * (1 + 1e-12) }, second])).toBeUndefined();
  expect(stating([{ ...first, measured: 16.001 }, second])).toBe(
    "the sum is stated as 16.001, the findings give 16",
  );
  expect(stating([first, { ...second, measured: Number.NaN }])).toBe(
    "the ratio is stated as NaN, the findings give -Infinity",
  );
  expect(stating([{ ...first, held: false }, second])).toBe(
    "the sum is stated as not held, the findings give the opposite",
  );
  expect(stating([first])).toBe("the number of checks is stated as 1, the findings give 2");
  expect(stating([second, first])).toContain("check 1 is stated as “the ratio”");
  expect(stating(report.checks, [])).toBe("undecided claims are stated as none, the findings give C3");
  expect(judgmentDifference(report, judged(experiment, { sum: 15, ratio: -Infinity }))).toBe(
    "the sum is stated as 16, the findings give 15",
  );
});
