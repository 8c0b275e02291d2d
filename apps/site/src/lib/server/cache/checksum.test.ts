import { crc32 } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { checksumOf, joinedChecksum } from "./checksum.ts";

test("the checksum of parts is that of the whole", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 }), (parts) => {
      const whole = Buffer.concat(parts);
      expect(joinedChecksum(parts.map(checksumOf))).toEqual({ crc: crc32(whole), length: whole.length });
    }),
    { seed: 3 },
  );
});

test("long parts have it, too", () => {
  const parts = [1_000_000, 24, 65_537].map((length, i) => Buffer.alloc(length, `part ${i}`));
  expect(joinedChecksum(parts.map(checksumOf)).crc).toBe(crc32(Buffer.concat(parts)));
});
