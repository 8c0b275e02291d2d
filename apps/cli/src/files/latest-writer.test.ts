import { describe, expect, it } from "vitest";
import { LatestWriter } from "./latest-writer.ts";

/** A write that ends when the test says so. */
function controlled() {
  const written: number[] = [];
  let end: () => void = () => {};
  const write = (value: number) => {
    written.push(value);
    return new Promise<void>((resolve) => {
      end = resolve;
    });
  };
  return { written, write, end: () => end() };
}

describe("LatestWriter", () => {
  it("writes one at a time, and only the latest of those waiting", async () => {
    const { written, write, end } = controlled();
    const writer = new LatestWriter(write);
    writer.save(1);
    writer.save(2);
    writer.save(3);
    expect(written).toEqual([1]);
    const finished = writer.finish();
    end();
    // The second write begins when the first has ended; nothing else is accepted.
    await expect.poll(() => written).toEqual([1, 3]);
    writer.save(4);
    end();
    await finished;
    expect(written).toEqual([1, 3]);
  });

  it("drops waiting writes when stopped, and waits for the current one", async () => {
    const { written, write, end } = controlled();
    const writer = new LatestWriter(write);
    writer.save(1);
    writer.save(2);
    let stopped = false;
    const stopping = writer.stop().then(() => {
      stopped = true;
    });
    await Promise.resolve();
    expect(stopped).toBe(false);
    end();
    await stopping;
    expect(written).toEqual([1]);
  });

  it("continues after a failed write", async () => {
    const written: number[] = [];
    const writer = new LatestWriter(async (value: number) => {
      written.push(value);
      if (value === 1) throw new Error("the disk is full");
    });
    writer.save(1);
    writer.save(2);
    await writer.finish();
    expect(written).toEqual([1, 2]);
  });
});
