import { expect, test } from "vitest";
import { releasing } from "./releasing.ts";

async function* counting(end: number, log: string[]) {
  try {
    for (let iteration = 0; iteration < end; iteration++) yield { iteration, state: iteration };
    if (end === 3) throw new Error("failed");
  } finally {
    log.push("ended");
  }
}

test.each([
  ["ends", 2, 9],
  ["fails", 3, 9],
  ["is stopped", 9, 2],
])("what is held is released once when the method %s", async (_, end, stop) => {
  const log: string[] = [];
  const seen: number[] = [];
  const run = async () => {
    for await (const { iteration } of releasing(counting(end, log), () => log.push("released"))) {
      seen.push(iteration);
      if (iteration === stop) break;
    }
  };
  if (end === 3) await expect(run()).rejects.toThrow("failed");
  else await run();
  expect(seen).toEqual(Array.from({ length: Math.min(end, stop + 1) }, (__, i) => i));
  expect(log).toEqual(["ended", "released"]);
});
