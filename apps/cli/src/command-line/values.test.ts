import { describe, expect, it } from "vitest";
import { UsageError } from "../errors.ts";
import { type OptionSpecifications, parseOptions, parseProfile, parseSeed, parseThreads } from "./values.ts";

const specifications: OptionSpecifications = {
  set: { value: "name=value", repeated: true, help: "" },
  seed: { value: "N", help: "" },
  json: { help: "" },
  help: { short: "h", help: "" },
};
const parse = (...args: string[]) => parseOptions("run", args, specifications);

describe("parseOptions", () => {
  it("reads names, flags and values in any order, repeated ones in theirs", () => {
    const { positionals, flags, values } = parse(
      "--set",
      "a=1",
      "paper",
      "--json",
      "--set=b==2",
      "--seed",
      "3",
    );
    expect(positionals).toEqual(["paper"]);
    expect([...flags]).toEqual(["json"]);
    expect(values.get("set")).toEqual(["a=1", "b==2"]);
    expect(values.get("seed")).toEqual(["3"]);
    expect([...parse("-h").flags]).toEqual(["help"]);
    expect(parse("--", "--json").positionals).toEqual(["--json"]);
  });

  it("suggests the nearest option", () => {
    expect(() => parse("--sedd", "3")).toThrow("run has no option --sedd. Did you mean --seed or --set?");
    expect(() => parse("--transformer")).toThrow("It has --set, --seed, --json, --help.");
    expect(() => parse("-x")).toThrow(UsageError);
  });

  it("refuses missing, superfluous and repeated values", () => {
    expect(() => parse("--seed")).toThrow("--seed wants a value: --seed N");
    expect(() => parse("--seed", "--json")).toThrow("--seed wants a value");
    expect(() => parse("--seed=")).toThrow("--seed wants a value");
    expect(() => parse("--json=yes")).toThrow('--json takes no value, got "yes"');
    expect(() => parse("--seed", "1", "--seed", "2")).toThrow("--seed is given twice");
  });
});

it("reads profiles, seeds and threads", () => {
  expect(parseProfile("full")).toBe("full");
  expect(() => parseProfile("ful")).toThrow('no profile is called "ful". Did you mean full?');
  expect(parseSeed("0")).toBe(0);
  for (const text of ["-1", "1.5", "one", "", "99999999999999999999"])
    expect(() => parseSeed(text)).toThrow("--seed wants a whole number");
  expect(parseThreads("16")).toBe(16);
  for (const text of ["0", "-1", "two", "1025"])
    expect(() => parseThreads(text)).toThrow(`--threads wants a whole number from 1 to 1024, got "${text}"`);
});
