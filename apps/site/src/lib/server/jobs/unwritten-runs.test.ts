import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { unwrittenRuns } from "./unwritten-runs.ts";

const run = { id: "1", retryCount: 2 };
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("writes what the queue could not, until it can, and asks once", async () => {
  let full = true;
  const taken: string[] = [];
  const take = async (what: string) => {
    if (full) throw new Error("no space left on device");
    taken.push(what);
  };
  const unwritten = unwrittenRuns({
    fail: (name, { id, retryCount }) => take(`${name} ${id} ${retryCount}`),
    request: (name) => take(name),
  });
  unwritten.ended("mail", run);
  unwritten.missed("digests");
  unwritten.missed("digests");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(taken).toEqual([]);
  full = false;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(taken).toEqual(["mail 1 2", "digests"]);
  expect(vi.getTimerCount()).toBe(0);
});

test("a run under way has no end, and a closed queue gets nothing", async () => {
  const fail = vi.fn(async () => {});
  const unwritten = unwrittenRuns({ fail, request: async () => {} });
  unwritten.ended("mail", run);
  unwritten.began("mail");
  unwritten.writeSoon();
  await vi.advanceTimersByTimeAsync(60_000);
  unwritten.ended("mail", run);
  unwritten.writeSoon();
  unwritten.close();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(fail).not.toHaveBeenCalled();
});
