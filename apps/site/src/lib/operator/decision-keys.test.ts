import { expect, test } from "vitest";
import { keys } from "#lib/keyboard.ts";
import { decisionKey, decisionKeys, decisionsOn, outcomeWords } from "./decision-keys.ts";

const press = (key: string, more = {}) => ({
  ...{ key, ctrlKey: false, metaKey: false, altKey: false, defaultPrevented: false },
  ...more,
});

test("keys decide alone, and are none of those that all pages have", () => {
  for (const { key } of decisionKeys) {
    expect(decisionKey(press(key))).toBe(key);
    expect(decisionKey(press(key, { ctrlKey: true }))).toBeUndefined();
    expect(decisionKey(press(key, { defaultPrevented: true }))).toBeUndefined();
    expect(keys.map((entry) => entry.key)).not.toContain(key);
  }
  expect(decisionKey(press("j"))).toBeUndefined();
});

test("what can be decided depends on where a paper stands, each by a key of its own", () => {
  const words = (state: "waiting" | "featured" | "hidden", refusal?: string) =>
    decisionsOn({ state, refusal }).map(({ decision, key }) => `${key} ${decision}`);
  expect(words("waiting")).toEqual(["f feature", "x hide"]);
  expect(words("waiting", "withdrawn")).toEqual(["x hide"]);
  expect(words("featured")).toEqual(["u unfeature", "x hide"]);
  expect(words("hidden")).toEqual(["x restore"]);
});

test("a decision is told with the next paper, unless the paper is otherwise by now", () => {
  const paper = (state: "waiting" | "featured" | "hidden") => ({ title: "A", state });
  expect(outcomeWords("feature", paper("featured"), "B")).toBe("Featured A. Next: B.");
  expect(outcomeWords("unfeature", paper("waiting"), undefined)).toBe("Unfeatured A.");
  expect(outcomeWords("hide", paper("hidden"), "B")).toBe("Hid A. Next: B.");
  for (const state of ["waiting", "featured"] as const)
    expect(outcomeWords("restore", paper(state), undefined)).toBe("Restored A.");
  expect(outcomeWords("feature", paper("hidden"), "B")).toBeUndefined();
  expect(outcomeWords("unfeature", paper("featured"), "B")).toBeUndefined();
  expect(outcomeWords("hide", paper("waiting"), "B")).toBeUndefined();
  expect(outcomeWords("restore", paper("hidden"), "B")).toBeUndefined();
});
