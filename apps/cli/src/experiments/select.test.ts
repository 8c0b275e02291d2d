import { describe, expect, it } from "vitest";
import { UsageError } from "../errors.ts";
import { papers } from "../fixture/papers.ts";
import { address, formatNumber, resolvePaper, resolveSelection } from "./select.ts";

const addresses = (name: string) => resolveSelection(papers, name).targets.map(address);

describe("resolvePaper", () => {
  it("finds a paper by slug, number and arXiv id", () => {
    for (const name of [
      "random-walks",
      "Random-Walks",
      "4",
      "04",
      "2405.00001",
      "arXiv:2405.00001",
      "2405.00001v3",
    ])
      expect(resolvePaper(papers, name).slug).toBe("random-walks");
    expect(resolvePaper(papers, "12").slug).toBe("steady-walks");
    expect(formatNumber(resolvePaper(papers, "random-walks"))).toBe("04");
  });

  it("suggests the nearest, or lists all", () => {
    expect(() => resolvePaper(papers, "randon-walks")).toThrow("Did you mean random-walks?");
    expect(() => resolvePaper(papers, "5")).toThrow("Papers: 04 random-walks, 12 steady-walks, 21 broken.");
    expect(() => resolvePaper(papers, "2405.00009")).toThrow(UsageError);
    expect(() => resolvePaper([], "anyloss")).toThrow('there is no paper "anyloss"');
  });
});

describe("resolveSelection", () => {
  it("takes all experiments of a paper, in order", () => {
    expect(addresses("4")).toEqual(["random-walks/walk", "random-walks/fails"]);
    expect(resolveSelection(papers, "4").whole).toBe(true);
  });

  it("takes one experiment by its full name, or by its id if that is unique", () => {
    expect(addresses("4/fails")).toEqual(["random-walks/fails"]);
    expect(addresses("fails")).toEqual(["random-walks/fails"]);
    expect(addresses("21/steady")).toEqual(["broken/steady"]);
    expect(resolveSelection(papers, "fails").whole).toBe(false);
  });

  it("asks for the paper when several have such an experiment", () => {
    expect(() => addresses("steady")).toThrow("steady-walks/steady or broken/steady?");
  });

  it("suggests the nearest paper or experiment", () => {
    expect(() => addresses("wlak")).toThrow("Did you mean walk?");
    expect(() => addresses("steady-walk")).toThrow("Did you mean steady-walks?");
    expect(() => addresses("4/fail")).toThrow("Did you mean fails? It has walk, fails.");
    expect(() => addresses("random-walk/walk")).toThrow("Did you mean random-walks?");
  });
});
