import { expect, test } from "vitest";
import { singleFlight } from "./single-flight.ts";

test("calls of one key share a pending call, other keys have their own, and nothing is kept", async () => {
  const share = singleFlight<number>();
  let calls = 0;
  const call = async () => {
    calls += 1;
    return calls;
  };
  expect(await Promise.all([share("a", call), share("a", call), share("b", call)])).toEqual([1, 1, 2]);
  expect(await share("a", call)).toBe(3);
});

test("a failure reaches all who share the call; the next call tries again", async () => {
  const share = singleFlight<number>();
  const failing = () => share("a", () => Promise.reject(new Error("no")));
  const outcomes = await Promise.allSettled([failing(), failing()]);
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(await share("a", async () => 1)).toBe(1);
});
