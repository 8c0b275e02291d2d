import { describe, expect, test } from "vitest";
import { papers } from "../index.ts";
import { claimsChecked, expectDescribed, expectDrawable, failed, paperRuns } from "../paper-testing.ts";
import { targetSurrogates as paper } from "./paper.ts";

const { load, complete } = paperRuns(paper);

test("the paper is listed, and says of each experiment what the experiment says of itself", async () => {
  expect(papers).toContain(paper);
  await expectDescribed(paper);
});

const SLOW = 300_000;

describe("quick runs", () => {
  test("majorization", { timeout: SLOW }, async () => {
    const report = await complete("majorization");
    expect(claimsChecked(report)).toEqual(["C1", "C2", null]);
    expect(failed(report)).toEqual([]);
    expectDrawable(report);
  });

  test("amortization", { timeout: SLOW }, async () => {
    const report = await complete("amortization", { set: { mostCalls: 5000 } });
    expect(claimsChecked(report)).toEqual(["C3", null]);
    expect(failed(report)).toEqual([]);
    expectDrawable(report);
    // every method meets the same problem at condition 1, where a step of any of them is the exact one
    const [first] = report.tables[0].rows;
    expect(new Set([first.exact, first["m = 1"], first["m = 10"], first["m = 100"]]).size).toBe(1);
  });

  test("a run that is stopped while steps are tuned finishes no part without them", {
    timeout: SLOW,
  }, async () => {
    const experiment = await load("minibatches");
    if (!("measure" in experiment)) throw new Error("not in three parts");
    const { measure, parameters } = experiment;
    const stopping = new AbortController();
    const finished: string[] = [];
    const events = measure({
      parameters: parameters.parse({ seeds: 1 }),
      profile: "quick",
      seed: 1,
      signal: stopping.signal,
      async *stage(key, body) {
        const value = yield* body();
        finished.push(key);
        return value;
      },
      resumable: () => {
        throw new Error("minibatches runs no resumable method");
      },
    });
    const goOn = async () => {
      for await (const event of events)
        if (event.kind === "progress" && event.message.endsWith("tuned steps"))
          stopping.abort(new Error("enough"));
    };
    await expect(goOn()).rejects.toThrow("enough");
    expect(finished).toEqual([]);
  });

  test("minibatches, against figures computed independently in numpy", { timeout: SLOW }, async () => {
    const report = await complete("minibatches", { set: { seeds: 1 } });
    expect(claimsChecked(report)).toEqual(["C3", "C6"]);
    // SLS without decay is ahead on the logistic loss, and Adam is close on the squared loss: a remark says so.
    expect(failed(report)).toEqual(
      ["logistic loss, batches of 125", "logistic loss, batches of 625", "squared loss, batches of 125"].map(
        (setting) => `final loss of the best baseline over SSO, m = 20, ${setting}`,
      ),
    );
    expectDrawable(report);
    const finals = new Map(
      report.tables[0].rows.map(({ setting, method, value }) => [`${setting}, ${method}`, Number(value)]),
    );
    const published = {
      "logistic, 125, SGD": 0.126,
      "logistic, 125, SLS": 0.0126,
      "logistic, 125, Adam": 0.056,
      "logistic, 125, AdaGrad": 0.11,
      "logistic, 125, SSO, m = 1": 0.0185,
      "logistic, 625, SGD": 0.244,
      "logistic, 625, SLS": 0.042,
      "squared, 125, SGD": 0.0147,
      "squared, 125, SLS": 0.0068,
      "squared, 125, SSO, m = 20": 0.00063,
      "squared, 625, SLS": 0.0115,
    };
    for (const [name, value] of Object.entries(published)) {
      expect(Number(finals.get(name)) / value, name).toBeGreaterThan(0.85);
      expect(Number(finals.get(name)) / value, name).toBeLessThan(1.15);
    }
  });

  test("noise and bias, in fewer and shorter runs", { timeout: SLOW }, async () => {
    const set = { seeds: 4, twoPointSeeds: 6 };
    const report = await complete("noise-and-bias", { set });
    expect(claimsChecked(report)).toEqual(["C4", "C5", null]);
    expect(failed(report)).toEqual([]);
    expectDrawable(report);
  });

  test("imitation, one seed", { timeout: SLOW }, async () => {
    const report = await complete("imitation", { set: { seeds: 1, rounds: 25 } });
    expect(claimsChecked(report)).toEqual(["C3", "C7"]);
    expect(failed(report)).toEqual([]);
    expectDrawable(report);
  });

  test("matrix factorization, two problems", { timeout: SLOW }, async () => {
    const report = await complete("matrix-factorization", { set: { seeds: 2 } });
    expect(claimsChecked(report)).toEqual(["C3", null]);
    expect(failed(report)).toEqual([]);
    expectDrawable(report);
  });

  test("digits, against training losses computed independently in torch", { timeout: SLOW }, async () => {
    const report = await complete("digits");
    expect(claimsChecked(report)).toEqual(["C3", "C6"]);
    // A tuned Adam ends below the surrogate, as in torch. A remark says so.
    expect(failed(report)).toEqual(["training loss of the best baseline over SSO, m = 20, digits"]);
    expectDrawable(report);
    const torch = { "SSO, m = 20": 0.084, "SSO, m = 1": 0.34, SLS: 0.17, "SGD, tuned": 0.078 };
    for (const [name, value] of Object.entries(torch)) {
      const row = report.tables[0].rows.find(({ method }) => method === name);
      expect(Number(row?.value) / value, name).toBeGreaterThan(0.85);
      expect(Number(row?.value) / value, name).toBeLessThan(1.15);
    }
  });
});
