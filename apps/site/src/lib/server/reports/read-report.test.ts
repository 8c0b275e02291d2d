import { encodeReport, type ReproductionReport, reportHash } from "@gradus/papers";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Problem } from "../http/problem.ts";
import { LARGEST_REPORT, readReport } from "./read-report.ts";

const now = new Date("2025-12-25T12:00:00Z");
const report: ReproductionReport = {
  format: 1,
  paper: "anyloss",
  experiment: "mechanism",
  profile: "quick",
  seed: 3,
  parameters: { rows: 200, names: ["a", "b"] },
  version: "0.1.0",
  environment: { runtime: "Chromium 140", platform: "Windows", cores: 8 },
  startedAt: "2025-12-25T11:00:00.000Z",
  elapsed: 1234.5,
  findings: { gain: 0.5, worst: Number.NaN, weights: new Float64Array([1, 2]) },
  checks: [{ claim: "C1", label: "the gain", measured: Number.POSITIVE_INFINITY, held: true }],
  undecided: ["C2"],
};
const encoded = await encodeReport(report);
const body = (change: Readonly<Record<string, unknown>> = {}) =>
  JSON.stringify({ report: encoded, ...change });

/** A report with other fields and the hash that belongs to them. */
async function changed(fields: Readonly<Record<string, unknown>>): Promise<string> {
  const { hash: _, ...rest } = { ...encoded, ...fields };
  return JSON.stringify({ report: { ...rest, hash: await reportHash(JSON.parse(JSON.stringify(rest))) } });
}

async function refusal(text: string): Promise<Problem> {
  const problem = await readReport(text, now).catch((error: unknown) => error);
  if (!(problem instanceof Problem)) throw new Error(`not refused: ${text.slice(0, 100)}`);
  return problem;
}

test("a report is read as it was made, numbers that are not finite and typed arrays too", async () => {
  const sent = await readReport(body({ note: "It held\n\n on my laptop." }), now);
  expect(sent.report).toEqual(report);
  expect(sent.note).toBe("It held on my laptop.");
  expect(sent.hash).toBe(encoded.hash);
  const [first, ...others] = Object.entries(encoded);
  const reordered = Object.fromEntries([...others, first]);
  expect((await readReport(JSON.stringify({ report: reordered }), now)).report).toEqual(report);
});

test("a note is one line of plain text of at most 280 characters", async () => {
  const note = async (text: string) => (await readReport(body({ note: text }), now)).note;
  expect(await note(" \n ")).toBeUndefined();
  expect(await note("a\u202Eb\u200Bc\0d\uFEFF")).toBe("abcd");
  expect(await note("<b>bold</b>")).toBe("<b>bold</b>");
  expect(await note("🦉".repeat(280))).toBe("🦉".repeat(280));
  expect(await refusal(body({ note: "🦉".repeat(281) }))).toMatchObject({
    code: "invalid_report",
    field: "note",
    message: "“note” must have at most 280 characters, got 281.",
  });
});

test("what was altered after it was made is refused", async () => {
  for (const change of [{ seed: 4 }, { findings: {} }, { checks: [] }, { elapsed: 1 }]) {
    const text = JSON.stringify({ report: { ...encoded, ...change } });
    expect((await refusal(text)).message).toContain("altered after it was made");
  }
});

test("text that no database can keep is refused", async () => {
  for (const findings of [{ text: "a\0b" }, { "\ud800": 1 }])
    expect(await refusal(await changed({ findings }))).toMatchObject({
      code: "invalid_report",
      field: "report",
    });
});

test.each([
  ["no JSON", "{", "The body must be JSON."],
  ["no report", "{}", "“report” is not what a report has"],
  ["a list", "[]", "“body” is not what a report has"],
  ["an unknown field", body({ more: 1 }), "“body” is not what a report has"],
  ["an unknown field of the report", JSON.stringify({ report: { ...encoded, more: 1 } }), "“report” is not"],
  ["a list of notes", body({ note: ["a", "b"] }), "“note” is not what a report has"],
  ["another format", JSON.stringify({ report: { ...encoded, format: 2 } }), "“report.format” is not"],
  [
    "markup in the environment",
    JSON.stringify({ report: { ...encoded, environment: { runtime: "<i>", platform: "x", cores: 1 } } }),
    "“report.environment.runtime”",
  ],
  ["a path for a name", JSON.stringify({ report: { ...encoded, paper: "../x" } }), "“report.paper”"],
  ["a fraction of a seed", JSON.stringify({ report: { ...encoded, seed: 0.5 } }), "“report.seed”"],
])("%s is refused", async (_, text, message) => {
  const problem = await refusal(text);
  expect([problem.code, problem.status]).toEqual(["invalid_report", 422]);
  expect(problem.message).toContain(message);
});

test("fields that stand for prototypes are refused wherever they are, also with a right hash", async () => {
  for (const name of ["__proto__", "constructor", "prototype"]) {
    const findings: unknown = JSON.parse(`{"list":[{"${name}":{"polluted":true}}]}`);
    expect((await refusal(await changed({ findings }))).message).toBe(
      `A report must not have a field “${name}”.`,
    );
    const outside = body().replace(/^\{/, `{"${name}":{"polluted":true},`);
    expect((await refusal(outside)).message).toContain(`“${name}”`);
  }
  expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
});

test("what is deep or large is refused before it is followed", async () => {
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  expect((await refusal(`{"report":${deep}}`)).message).toBe(
    "A report must be nested at most 32 deep, got 100001.",
  );
  // Brackets within texts nest nothing.
  expect(
    (await readReport(await changed({ findings: `\\"${"[".repeat(1000)}` }), now)).report.findings,
  ).toHaveLength(1002);
  const large = await refusal(body({ note: "a".repeat(LARGEST_REPORT) }));
  expect([large.code, large.status]).toEqual(["too_large", 413]);
});

test("values that cannot be read, and runs from the future or from a year 0, are refused", async () => {
  for (const findings of [
    { $gradus: "Float64Array", base64: "AAA" },
    { $gradus: "Map", entries: 3 },
    { $gradus: "bigint", value: "x" },
    { $gradus: "Worker" },
  ])
    expect((await refusal(await changed({ findings }))).field).toBe("report.findings");
  for (const startedAt of ["2025-12-27T00:00:00Z", "0000-01-01T00:00:00Z"])
    expect((await refusal(await changed({ startedAt }))).field).toBe("report.startedAt");
});

test("no text does anything but be read or refused", async () => {
  const text = fc.oneof(
    fc.string(),
    fc.json(),
    fc.json().map((report) => `{"report":${report}}`),
  );
  await fc.assert(
    fc.asyncProperty(text, async (sent) => {
      expect(await readReport(sent, now).catch((error: unknown) => error)).toBeInstanceOf(Problem);
    }),
    { seed: 3, numRuns: 300 },
  );
});
