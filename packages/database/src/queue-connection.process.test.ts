import { PGlite } from "@electric-sql/pglite";
import { expect, test } from "vitest";
import { queueConnection } from "./queue-connection.ts";

test("a failing statement of the queue breaks no request on the same connection", async () => {
  const client = await PGlite.create();
  await client.exec("create table t (x int)");
  const queue = queueConnection(client);
  const failing = () => queue.executeSql("begin; insert into t values (1); select no_such_column; commit");
  const outcomes = await Promise.allSettled(
    Array.from({ length: 60 }, (_, i) => {
      if (i % 3 === 0) return failing();
      if (i % 3 === 1) return client.query("insert into t values ($1)", [2]);
      return client.transaction((tx) => tx.query("insert into t values (3)"));
    }),
  );
  const failed = outcomes.flatMap(({ status }, i) => (status === "rejected" ? [i % 3] : []));
  expect(failed).toEqual(Array.from({ length: 20 }, () => 0));
  const { rows } = await client.query("select x, count(*)::int as n from t group by x order by x");
  // What the failed transactions wrote is gone, what the others wrote is there.
  expect(rows).toEqual([
    { x: 2, n: 20 },
    { x: 3, n: 20 },
  ]);
  await client.close();
});
