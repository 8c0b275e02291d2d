import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "../database/connect.ts";
import { openMigrated, openSeeded } from "../database/testing.ts";
import { rankingView } from "./ranking-view.ts";

let database: Database;
beforeAll(async () => {
  database = await openSeeded(openMigrated);
});
afterAll(() => database?.close());

const view = () =>
  rankingView({
    database,
    now: () => new Date("2025-12-27T00:00:20Z"),
  });

test("the example: seven votes and the featuring are worth 8, six days later 1, as much as a new paper", async () => {
  const [many, fresh, again] = (await view()).example.curves;
  expect(many.points[0]).toEqual({ day: 0, score: 1 });
  expect(many.points[2]).toEqual({ day: 0, score: expect.closeTo(8, 12) });
  // Eight days are four half-lives.
  expect(many.points[3]).toEqual({ day: 8, score: expect.closeTo(8 / 16, 12) });
  expect(fresh.points).toEqual([
    { day: 7, score: 1 },
    { day: 8, score: expect.closeTo(Math.SQRT1_2, 12) },
  ]);
  for (const { points } of [many, fresh, again])
    expect(points.map(({ day }) => day)).toEqual([...points.map(({ day }) => day)].sort((a, b) => a - b));
});

test("the papers that lead now, and what featuring two days ago is worth", async () => {
  const { leaders } = await view();
  expect(leaders).toHaveLength(5);
  expect(leaders[0].score).toBeCloseTo(0.5, 12);
  expect(leaders.map(({ score }) => score)).toEqual(
    [...leaders.map(({ score }) => score)].sort((a, b) => b - a),
  );
});
