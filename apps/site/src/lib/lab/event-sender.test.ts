import { type ExperimentEvent, point, progress } from "@gradus/papers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { EventSender } from "./event-sender.ts";

let messages: (readonly ExperimentEvent[])[];
let sender: EventSender;

beforeEach(() => {
  vi.useFakeTimers();
  messages = [];
  sender = new EventSender((events) => messages.push(events));
});
afterEach(() => {
  vi.useRealTimers();
});

const kinds = () => messages.map((events) => events.map(({ kind }) => kind));

test("the first event and the first points of each series go at once", () => {
  sender.add(progress(0, "begins"));
  sender.add(point("loss", "a", 0, 1));
  sender.add(point("loss", "b", 0, 1));
  expect(kinds()).toEqual([["progress"], ["points"], ["points"]]);
});

test("further points wait for 50 ms, and come in one message even when the run yields no more", () => {
  sender.add(point("loss", "a", 0, 1));
  for (let i = 1; i <= 9; i++) sender.add(point("loss", "a", i, 1));
  expect(messages.length).toBe(1);
  vi.advanceTimersByTime(50);
  expect(messages.length).toBe(2);
  expect(messages[1]).toMatchObject([{ kind: "points", points: { length: 9 } }]);
  vi.advanceTimersByTime(1000);
  expect(messages.length).toBe(2);
});

test("an event after a pause goes at once", () => {
  sender.add(point("loss", "a", 0, 1));
  vi.advanceTimersByTime(60);
  sender.add(point("loss", "a", 1, 1));
  expect(messages.length).toBe(2);
});

test("the end of a run sends what waits", () => {
  sender.add(progress(0, "begins"));
  sender.add(progress(1, "done"));
  sender.flush();
  expect(messages).toHaveLength(2);
  sender.flush();
  expect(messages).toHaveLength(2);
  expect(vi.getTimerCount()).toBe(0);
});
