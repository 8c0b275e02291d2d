import { expect, test } from "vitest";
import { lastModifiedTimes } from "./last-modified.ts";

const at = (seconds: number) => new Date(Date.UTC(2025, 11, 25, 12) + seconds * 1000);

test("a feed changed when its body did, to the second, each feed by itself", () => {
  const modified = lastModifiedTimes();
  expect(modified("/feed.atom", "one", at(0.4))).toEqual(at(0));
  expect(modified("/feed.atom", "one", at(50))).toEqual(at(0));
  expect(modified("/feed.rss", "one", at(60))).toEqual(at(60));
  expect(modified("/feed.atom", "two", at(90.9))).toEqual(at(90));
  expect(modified("/feed.atom", "one", at(120))).toEqual(at(120));
});

test("two versions of one second have different times", () => {
  const modified = lastModifiedTimes();
  expect(modified("/feed.atom", "one", at(0))).toEqual(at(0));
  expect(modified("/feed.atom", "two", at(0.1))).toEqual(at(1));
  expect(modified("/feed.atom", "three", at(0.2))).toEqual(at(2));
});

test("of many feeds the ones asked for last are remembered", () => {
  const modified = lastModifiedTimes();
  modified("/first", "body", at(0));
  modified("/second", "body", at(0));
  for (let i = 0; i < 999; i++) {
    modified(`/feed${i}`, "body", at(1));
    modified("/second", "body", at(1));
  }
  expect(modified("/second", "body", at(9))).toEqual(at(0));
  expect(modified("/first", "body", at(9))).toEqual(at(9));
});
