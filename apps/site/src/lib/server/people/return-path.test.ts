import fc from "fast-check";
import { expect, test } from "vitest";
import { returnPath } from "./return-path.ts";

test.each(["/papers/2412.08424", "/papers?q=a%20b&sort=new", "/papers/math/0611800#claims"])(
  "%s stays",
  (path) => expect(returnPath(path)).toBe(path),
);

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
