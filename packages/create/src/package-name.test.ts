import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ProjectError } from "./errors.ts";
import { packageName } from "./package-name.ts";

describe("the name of a package", () => {
  test.each([
    ["my-app", "my-app"],
    ["My App", "my-app"],
    ["Größe.2", "gro-e.2"],
    ["Café_au lait!", "cafe_au-lait"],
    ["_private", "private"],
    [".hidden", "hidden"],
    ["@scope", "scope"],
    ["a~b", "a-b"],
    ["node_modules", "node_modules-app"],
    ["FS", "fs-app"],
    ["gradus", "gradus-app"],
    ["x".repeat(300), "x".repeat(214)],
  ])("of the folder %j is %j", (folder, name) => {
    expect(packageName(folder, ["gradus"])).toBe(name);
  });

  test.each(["日本", "...", " ", ""])("cannot be made of %j", (folder) => {
    expect(() => packageName(folder)).toThrow(ProjectError);
    expect(() => packageName(folder)).toThrow(`must contain a letter from a to z or a digit`);
  });

  // npm's rules for new packages: lower case, URL-safe, no dot or underscore in front, at most 214 characters.
  test("is one that npm accepts, whatever the folder's", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 300 }), (folder) => {
        const name = packageName(`a${folder}`);
        expect(name).toMatch(/^[a-z0-9-][a-z0-9-._]*$/);
        expect(name.length).toBeLessThanOrEqual(214);
      }),
    );
  });
});
