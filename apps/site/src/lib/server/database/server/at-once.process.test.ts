import postgres from "postgres";
import { describe, expect, test } from "vitest";
import { executeAtOnce } from "./at-once.ts";

const LOCK = 5_190_277;
const url = process.env.GRADUS_TEST_DATABASE_URL;

describe.skipIf(!url)("on a Postgres server (skipped without GRADUS_TEST_DATABASE_URL)", () => {
  test("a statement is sent with its settings and its end before anything is answered", async () => {
    const sent: string[] = [];
    const client = postgres(url ?? "", { max: 1, onnotice: () => {}, debug: (_, text) => sent.push(text) });
    const other = postgres(url ?? "", { max: 1, onnotice: () => {} });
    try {
      await other`select pg_advisory_lock(${LOCK})`;
      // The first connection asks for types, too.
      await client`select 1`;
      sent.length = 0;
      const text = `select pg_advisory_xact_lock(${LOCK})`;
      const waiting = executeAtOnce(client, { work_mem: "1234kB" }, { text, parameters: [] });
      await expect.poll(() => sent).toEqual(["begin; set local work_mem = '1234kB'", text, "commit;"]);
      await other`select pg_advisory_unlock(${LOCK})`;
      await waiting;
    } finally {
      await Promise.all([client.end(), other.end()]);
    }
  });

  test("its settings hold for it alone, and one that fails leaves the connection to the next", async () => {
    const client = postgres(url ?? "", { max: 1, onnotice: () => {} });
    const text = "select current_setting('work_mem') as value, $1::text as given";
    const run = () => executeAtOnce(client, { work_mem: "1234kB" }, { text, parameters: ["it’s"] });
    try {
      expect(await run()).toEqual([{ value: "1234kB", given: "it’s" }]);
      const [{ value }] = await client.unsafe(text, ["after"]);
      expect(value).not.toBe("1234kB");
      const failing = { text: "select 1 / $1::int", parameters: [0] };
      await expect(executeAtOnce(client, {}, failing)).rejects.toMatchObject({ code: "22012" });
      const late = { text: "select pg_sleep(1)", parameters: [] };
      await expect(executeAtOnce(client, { statement_timeout: 20 }, late)).rejects.toMatchObject({
        code: "57014",
      });
      await expect(executeAtOnce(client, { no_such: 1 }, failing)).rejects.toMatchObject({ code: "42704" });
      const [first, second] = await Promise.all([run(), run()]);
      expect(first).toEqual(second);
    } finally {
      await client.end();
    }
  });
});
