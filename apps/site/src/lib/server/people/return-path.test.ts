import fc from "fast-check";
import { expect, test } from "vitest";
import { signInPath } from "#lib/sign-in-link.ts";
import { returnPath } from "./return-path.ts";

test.each([
  "/papers/2412.08424",
  "/papers?q=a%20b&sort=new",
  "/papers/math/0611800#claims",
  "/subscribe?topic=convex",
])("%s stays", (path) => expect(returnPath(path)).toBe(path));

test.each([
  undefined,
  "",
  "papers",
  "//evil.example",
  "/\\evil.example",
  "\\\\evil.example",
  "/.//evil.example",
  "/x/..//evil.example",
  "/\t/evil.example",
  "https://evil.example/papers",
  "https:evil.example",
  "javascript:alert(1)",
  "/sign-in/abc",
  // Tokens stand in no other address, and in no table.
  "/u/v1.abc.def",
  "/subscribe/abc",
  "/./u/v1.abc.def?x=1",
  `/${"a".repeat(3000)}`,
])("%j does not", (path) => expect(returnPath(path)).toBe("/papers"));

test("no text leads to another site", () => {
  const parts = fc.constantFrom(
    "/",
    "\\",
    ".",
    "..",
    "\t",
    "\n",
    "@",
    ":",
    "https",
    "evil.example",
    "%2f",
    "a",
  );
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 8 }), (pieces) => {
      const target = new URL(returnPath(pieces.join("")), "https://papers.example");
      expect(target.origin).toBe("https://papers.example");
    }),
    { seed: 21 },
  );
});

test("a link to sign in leads back, but not to an address with a token", () => {
  expect(signInPath({ pathname: "/papers/2412.08424", search: "?a=b" }, "2412.08424")).toBe(
    "/sign-in?to=%2Fpapers%2F2412.08424%3Fa%3Db&vote=2412.08424",
  );
  for (const pathname of ["/papers", "/sign-in/abc", "/u/v1.abc.def", "/subscribe/abc"])
    expect(signInPath({ pathname, search: "" })).toBe("/sign-in");
});
