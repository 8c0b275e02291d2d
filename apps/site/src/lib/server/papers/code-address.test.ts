import { expect, test } from "vitest";
import { codeAddress } from "./code-address.ts";

test.each([
  "https://github.com/owner/name",
  "https://gitlab.com/group/name",
  "https://codeberg.org/owner/name",
  "https://huggingface.co/owner/name",
])("%s is an address of code", (text) => expect(codeAddress(text)).toBe(text));

test.each([
  "http://github.com/owner/name",
  "https://github.com",
  "https://github.com:444/owner",
  "https://github.com@evil.example/owner",
  "https://user@github.com/owner",
  "https://evil.example/github.com",
  "https://github.com.evil.example/owner",
  "https://gıthub.com/owner",
  "javascript:alert(1)",
  "github.com/owner/name",
  `https://github.com/${"a".repeat(300)}`,
])("%j is none", (text) => expect(codeAddress(text)).toBeUndefined());
