import { expect, test, vi } from "vitest";
import type { Envelope } from "../peer/transport.ts";
import { fanOut } from "./fan-out.ts";

test("what a listener throws is not heard by what carries messages, and is not hidden either", () => {
  const uncaught: unknown[] = [];
  vi.spyOn(globalThis, "queueMicrotask").mockImplementation((task) => {
    try {
      task();
    } catch (error) {
      uncaught.push(error);
    }
  });
  let carry: (envelope: Envelope) => void = () => undefined;
  let ended = 0;
  const subscribe = fanOut((handOn) => {
    carry = handOn;
    return () => {
      ended += 1;
    };
  });
  const heard: number[] = [];
  const failure = new Error("no");
  const stop = [
    subscribe(() => {
      throw failure;
    }),
    subscribe(({ from }) => heard.push(from)),
  ];
  for (const from of [1, 2]) carry({ from, bytes: new Uint8Array() });
  expect(heard).toEqual([1, 2]);
  expect(uncaught).toEqual([failure, failure]);
  for (const end of stop) end();
  expect(ended).toBe(1);
  vi.restoreAllMocks();
});
