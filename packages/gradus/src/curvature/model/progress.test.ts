import { expect, test } from "vitest";
import { withProgress } from "./progress.ts";

test("what is reported before an abort is not told after it", async () => {
  const controller = new AbortController();
  let stopped = false;
  const progress = withProgress(async (report, signal) => {
    report({ fraction: 0, stage: "first" });
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    stopped = true;
    report({ fraction: 0.5, stage: "second" });
    signal.throwIfAborted();
    return 1;
  }, controller.signal);
  expect((await progress.next()).value).toEqual({ fraction: 0, stage: "first" });
  controller.abort(new Error("enough"));
  await expect(progress.next()).rejects.toThrow("enough");
  expect(stopped).toBe(true);
  expect((await progress.next()).done).toBe(true);
});

test("a computation is aborted when its loop is left", async () => {
  let reason: unknown;
  for await (const { stage } of withProgress((report, signal) => {
    report({ fraction: 0, stage: "only" });
    return new Promise<number>((_, reject) => {
      signal.addEventListener("abort", () => {
        reason = signal.reason;
        reject(signal.reason);
      });
    });
  })) {
    expect(stage).toBe("only");
    break;
  }
  expect(reason).toEqual(new Error("the iteration was left"));
});
