import { describe, expect, test } from "vitest";
import type { ResponseContent } from "../http/conditional-response.ts";
import { responseCache } from "./response-cache.ts";

/** A memory beside a database whose version, and a clock whose time, a test says. */
function setting(capacity?: number) {
  const state = { version: "1" as string | undefined, now: "2025-12-25T12:00:30Z", made: 0 };
  const memory = responseCache({
    version: async () => {
      if (state.version === undefined) throw new Error("unreachable");
      return state.version;
    },
    now: () => new Date(state.now),
    capacity,
  });
  const ask = async (key: string, answer: Partial<ResponseContent> = {}) => {
    const { body } = await memory.respond(key, async () => {
      state.made += 1;
      return { body: `${key} ${state.made}`, type: "text/plain", ...answer };
    });
    return body.toString();
  };
  return { state, memory, ask };
}

describe("an answer is kept", () => {
  test("until something is committed, each address by itself", async () => {
    const { state, ask } = setting();
    expect([await ask("a"), await ask("a"), await ask("b")]).toEqual(["a 1", "a 1", "b 2"]);
    state.version = "2";
    expect([await ask("a"), await ask("a")]).toEqual(["a 3", "a 3"]);
  });

  test("until the UTC day ends, a passing one until the minute does", async () => {
    const { state, ask } = setting();
    await ask("day");
    await ask("minute", { shortLived: true });
    state.now = "2025-12-25T12:00:59.999Z";
    expect([await ask("day"), await ask("minute", { shortLived: true })]).toEqual(["day 1", "minute 2"]);
    state.now = "2025-12-25T12:01:00Z";
    expect([await ask("day"), await ask("minute", { shortLived: true })]).toEqual(["day 1", "minute 3"]);
    state.now = "2025-12-25T23:59:59.999Z";
    expect(await ask("day")).toBe("day 1");
    state.now = "2025-12-26T00:00:00Z";
    expect(await ask("day")).toBe("day 4");
  });

  test("as long as there is room, those unused for longest going first", async () => {
    // For two of three: a body of 100 kB counts twice, for its compressed copies.
    const { state, ask } = setting(500_000);
    for (const key of ["a", "b", "a", "c", "a", "b"]) await ask(key, { body: "x".repeat(100_000) });
    // "b" had to go for "c".
    expect(state.made).toBe(4);
  });

  test("long addresses of short answers take room too", async () => {
    const { state, ask } = setting(500_000);
    const addresses = Array.from({ length: 100 }, (_, i) => `${i} ${"x".repeat(8000)}`);
    for (const address of addresses) await ask(address, { body: "[]" });
    await ask(addresses[0], { body: "[]" });
    expect(state.made).toBe(101);
  });

  test("not when the database cannot tell its version, of which `make` then knows nothing", async () => {
    const { state, memory, ask } = setting();
    state.version = undefined;
    expect([await ask("a"), await ask("a")]).toEqual(["a 1", "a 2"]);
    const told: unknown[] = [];
    const make = async (version: string | undefined) => {
      told.push(version);
      return { body: "", type: "text/plain" };
    };
    await memory.respond("b", make);
    state.version = "7";
    await memory.respond("b", make);
    expect(told).toEqual([undefined, "7"]);
  });
});

test("those who ask at once wait for one answer; a failure is not kept", async () => {
  const { state, memory, ask } = setting();
  expect(await Promise.all([ask("a"), ask("a"), ask("a")])).toEqual(["a 1", "a 1", "a 1"]);
  expect(state.made).toBe(1);
  const failing = () => memory.respond("b", () => Promise.reject(new Error("no")));
  await expect(Promise.all([failing(), failing()])).rejects.toThrow("no");
  expect(await ask("b")).toBe("b 2");
});
