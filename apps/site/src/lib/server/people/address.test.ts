import { expect, test } from "vitest";
import { addressHash, canonicalAddress, parseAddress } from "./address.ts";

test.each([
  ["Ada@Example.org", "ada@example.org"],
  ["a.da+papers@gmail.com", "ada@gmail.com"],
  ["A.D.A@googlemail.com", "ada@gmail.com"],
  ["ada+papers@outlook.com", "ada@outlook.com"],
  ["a.da@outlook.com", "a.da@outlook.com"],
  // Elsewhere dots and tags may name another mailbox.
  ["a.da+papers@example.org", "a.da+papers@example.org"],
])("%s is %s", (address, one) => expect(canonicalAddress(address)).toBe(one));

test("the hash is that of the one spelling, under its key", () => {
  const [key, other] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  expect(addressHash("a.da@gmail.com", key)).toEqual(addressHash("ADA+x@googlemail.com", key));
  expect(addressHash("ada@gmail.com", key)).not.toEqual(addressHash("ada@gmail.com", other));
});

test.each([" ada@example.org ", "ada+x@example.org"])("%j is an address", (typed) =>
  expect(parseAddress(typed)).toBe(typed.trim()),
);

test.each([
  "",
  "ada",
  "ada@",
  "@example.org",
  "ada@example",
  "ada@example.org\r\nBcc: eve@example.org",
  "ada@example.org,eve@example.org",
  "Ada <ada@example.org>",
  "ada\0@example.org",
  `${"a".repeat(250)}@example.org`,
])("%j is none", (typed) => expect(parseAddress(typed)).toBeUndefined());
