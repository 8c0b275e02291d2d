import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { kept } from "./testing.ts";

test("an archive that several ask for at once is made once, and all can read it", async () => {
  let made = 0;
  const open = async () => ({
    // Another length each time.
    dumpDataDir: async () => new Blob(["data".repeat(++made)]),
    close: async () => {},
  });
  const sources = randomUUID();
  const blobs = await Promise.all([1, 2, 3].map(() => kept("archive-of-a-test", sources, open)));
  expect(await Promise.all(blobs.map((blob) => blob.text()))).toEqual(["data", "data", "data"]);
  expect(made).toBe(1);
});
