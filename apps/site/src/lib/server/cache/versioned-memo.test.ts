import { randomStream } from "gradus/random";
import { expect, test } from "vitest";
import { versionedMemo, versionedMemoOfMany } from "./versioned-memo.ts";

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

test("a failure of an earlier version takes nothing from the next one", async () => {
  const remembered = versionedMemo<string>();
  const early = Promise.withResolvers<string>();
  const failed = remembered("1", "a", () => early.promise);
  expect(await remembered("2", "a", async () => "two")).toBe("two");
  early.reject(new Error("late"));
  await expect(failed).rejects.toThrow("late");
  expect(await remembered("2", "a", async () => "again")).toBe("two");
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

test("of many values those that are missing are made at once, and again after a failure", async () => {
  const memo = versionedMemoOfMany<number, string>({ most: 4 });
  const asked: (readonly number[])[] = [];
  const make = async (missing: readonly number[]) => {
    asked.push([...missing]);
    if (missing.includes(13)) throw new Error("unlucky");
    return new Map(missing.filter((n) => n > 0).map((n) => [n, `${missing.length}:${n}`]));
  };
  expect(await memo("1", [3, 1, 0], make)).toEqual(["3:3", "3:1", undefined]);
  expect(await memo("1", [1, 2, 3], make)).toEqual(["3:1", "1:2", "3:3"]);
  await expect(memo("1", [1, 13], make)).rejects.toThrow("unlucky");
  await expect(memo("1", [13], make)).rejects.toThrow("unlucky");
  expect(await memo("2", [1], make)).toEqual(["1:1"]);
  expect(await memo(undefined, [1], make)).toEqual(["1:1"]);
  expect(await memo("2", [], make)).toEqual([]);
  expect(asked).toEqual([[3, 1, 0], [2], [13], [13], [1], [1]]);
});

test("after many questions and changes of the version the same values are remembered as in a plain list", async () => {
  const most = 20;
  const random = randomStream(5);
  const memo = versionedMemo<number>({ most });
  let made = 0;
  let version = 0;
  /** From the one not asked for longest on. */
  let remembered: { readonly key: string; readonly value: number }[] = [];
  for (let i = 0; i < 5000; i++) {
    if (random.integer(400) === 0) {
      version += 1;
      remembered = [];
    }
    const key = `key ${random.integer(40)}`;
    const value = remembered.find((one) => one.key === key)?.value ?? made + 1;
    remembered = [...remembered.filter((one) => one.key !== key), { key, value }].slice(-most);
    expect(await memo(`${version}`, key, async () => ++made)).toBe(value);
  }
});
