import fc from "fast-check";
import { expect, test } from "vitest";
import { isStorable, parseJsonBody } from "./json-body.ts";

const limits = { what: "A body", largest: 1024, code: "invalid_body" } as const;
const parse = (text: string) => parseJsonBody(text, limits);

test("JSON within the limits is read as it is", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4, noUnicodeString: false }), (value) => {
      const text = JSON.stringify(value);
      fc.pre(Buffer.byteLength(text) <= 1024 && !/"(?:__proto__|constructor|prototype)"/.test(text));
      expect(parse(text)).toEqual(JSON.parse(text));
    }),
  );
  expect(parse(`${"[".repeat(32)}${"]".repeat(32)}`)).toHaveLength(1);
  expect(parse('{"a":"[[[[\\"{{"}')).toEqual({ a: '[[[["{{' });
});

test.each([
  ["", "invalid_body", "The body must be JSON."],
  ["{", "invalid_body", "The body must be JSON."],
  [`"${"ä".repeat(512)}"`, "too_large", "A body must have at most 1 KiB."],
  ["[".repeat(33), "invalid_body", "A body must be nested at most 32 deep, got 33."],
  ['{"a":{"__proto__":1}}', "invalid_body", "A body must not have a field “__proto__”."],
  ['{"constructor":1}', "invalid_body", "A body must not have a field “constructor”."],
])("%j is refused as %s", (text, code, message) => {
  expect(() => parse(text)).toThrow(expect.objectContaining({ code, message }));
});

test("text with NUL or half a character cannot be kept, in names as in values", () => {
  for (const value of ["\0", "\ud800", "a\udc00", { "\0": 1 }, [{ a: ["\udfff"] }]])
    expect(isStorable(value)).toBe(false);
  for (const value of ["\\u0000", "\\ud800", "🦉", "\\\\u0000", undefined, null, 1, "\n\u0001"])
    expect(isStorable(value)).toBe(true);
});
