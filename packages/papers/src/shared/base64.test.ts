import { expect, test } from "vitest";
import { fromBase64, toBase64 } from "./base64.ts";

test("bytes come back, in the encoding that Buffer writes", () => {
  const bytes = Uint8Array.from({ length: 259 }, (_, i) => (37 * i) % 256);
  expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString("base64"));
  expect(fromBase64(toBase64(bytes))).toEqual(bytes);
});
