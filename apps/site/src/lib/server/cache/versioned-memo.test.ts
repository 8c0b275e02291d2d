import { expect, test } from "vitest";
import { versionedMemo } from "./versioned-memo.ts";

test("what was made of one version is remembered by its key, and forgotten with the version", async () => {
  let made = 0;
  const remembered = versionedMemo<number>();
  const ask = (version: string | undefined, key: string) => remembered(version, key, async () => ++made);
  expect([await ask("1", "a"), await ask("1", "a"), await ask("1", "b")]).toEqual([1, 1, 2]);
  expect([await ask("2", "a"), await ask("2", "a")]).toEqual([3, 3]);
  expect([await ask(undefined, "a"), await ask(undefined, "a")]).toEqual([4, 5]);
});

test("a failure is not remembered; no more than a thousand values are", async () => {
  const remembered = versionedMemo<string>();
  await expect(remembered("1", "a", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await remembered("1", "a", async () => "yes")).toBe("yes");
  for (let i = 0; i < 1000; i++) await remembered("1", `key ${i}`, async () => "");
  expect(await remembered("1", "a", async () => "anew")).toBe("anew");
});

test("of as many values as are remembered the one not asked for longest is forgotten", async () => {
  const remembered = versionedMemo<string>({ most: 2 });
  const ask = (key: string) => remembered("1", key, async () => `made ${++made}`);
  let made = 0;
  await ask("a");
  await ask("b");
  await ask("a");
  await ask("c");
  expect([await ask("a"), await ask("c"), await ask("b")]).toEqual(["made 1", "made 3", "made 4"]);
});
