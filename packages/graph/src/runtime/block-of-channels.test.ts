import { expect, test } from "vitest";
import { blockIn } from "./block-of-channels.ts";

/** Channels of two entries in blocks of so many: the first entries of a block's channels, then their second ones. */
function ordered(channels: number, block: number): number[] {
  return Array.from({ length: 2 * channels }, (_, i) => {
    const first = Math.floor(i / (2 * block)) * block;
    return 2 * (first + (i % block)) + (Math.floor(i / block) % 2);
  });
}

test.each([4, 8, 16, 32])("blocks of %i channels are seen from their order", (block) => {
  expect(blockIn(ordered(64, block))).toBe(block);
});

test("channels that stay where they are make blocks of one", () => {
  expect(blockIn(ordered(64, 1))).toBe(1);
});
