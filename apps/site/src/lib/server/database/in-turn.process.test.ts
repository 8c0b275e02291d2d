import { papers as registry } from "@gradus/papers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { importMeasurements } from "../papers/measurements/import.ts";
import { loadSeed } from "../papers/seed/seed.ts";
import { syncRegistry } from "../papers/sync-registry.ts";
import type { Database } from "./connect.ts";
import { inTurn } from "./in-turn.ts";
import { migrate } from "./migrate.ts";
import { papers } from "./schema/index.ts";
import { emptyEngines } from "./testing.ts";

describe.each(emptyEngines)("on %s", (_, open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database?.close());

  test("starts at the same moment write one after the other", async () => {
    const { orm, embedded } = database;
    const events: string[] = [];
    const start = (name: string) =>
      inTurn(database, async () => {
        events.push(`${name} begins`);
        await migrate(orm);
        const written = await loadSeed(orm);
        await syncRegistry(orm);
        await importMeasurements(orm, [], registry);
        events.push(`${name} ends`);
        return written;
      });
    // Only one process has the embedded database.
    if (embedded) await start("one").then(() => start("two"));
    else await Promise.all([start("one"), start("two")]);
    const [first, second] = events[0] === "one begins" ? ["one", "two"] : ["two", "one"];
    expect(events).toEqual([`${first} begins`, `${first} ends`, `${second} begins`, `${second} ends`]);
    expect(await orm.$count(papers)).toBe(21);
  });

  test("one that fails lets the next have its turn", async () => {
    await expect(inTurn(database, () => Promise.reject(new Error("no room")))).rejects.toThrow("no room");
    expect(await inTurn(database, async () => "done")).toBe("done");
  });
});
