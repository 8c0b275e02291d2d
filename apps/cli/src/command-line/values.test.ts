import { InvalidArgumentError } from "commander";
import { expect, it } from "vitest";
import { choice, fraction, positiveNumber, wholeNumber } from "./values.ts";

it("reads integers within bounds, and nothing else", () => {
  expect(wholeNumber(0)("0")).toBe(0);
  expect(wholeNumber(1, 1024)("1024")).toBe(1024);
  for (const text of ["0", "-1", "1.5", "two", "", "1025", "1e2", "99999999999999999999"])
    expect(() => wholeNumber(1, 1024)(text)).toThrow("It must be a whole number from 1 to 1024.");
  expect(() => wholeNumber(0)("99999999999999999999")).toThrow(InvalidArgumentError);
});

it("reads positive numbers and fractions", () => {
  expect(positiveNumber("0.5")).toBe(0.5);
  for (const text of ["0", "-1", "Infinity", "x"]) expect(() => positiveNumber(text)).toThrow("number > 0");
  expect([fraction("0"), fraction("0.9")]).toEqual([0, 0.9]);
  for (const text of ["1", "-0.1", "", "x"]) expect(() => fraction(text)).toThrow("a number in [0, 1)");
});

it("reads one of several names in any case, and suggests the nearest", () => {
  expect(choice(["quick", "full"])("full")).toBe("full");
  expect(choice(["ALIE", "FOE"])("foe")).toBe("FOE");
  expect(() => choice(["quick", "full"])("ful")).toThrow("It must be quick or full. Did you mean full?");
  expect(() => choice(["zsh", "fish"])("tcsh")).toThrow(/It must be zsh or fish\.$/);
});
