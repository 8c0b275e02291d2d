import { afterAll, beforeAll, expect, test } from "vitest";
import { type Database, openEmbedded } from "./database/connect.ts";
import { migrate } from "./database/migrate.ts";
import { rankingView } from "./ranking-view.ts";
import { loadSeed } from "./seed/seed.ts";

let database: Database;
beforeAll(async () => {
  database = await openEmbedded();
  await migrate(database.orm);
  await loadSeed(database.orm);
});
afterAll(() => database?.close());

const view = () =>
  rankingView({
    database,
    now: () => new Date("2025-12-27T00:00:20Z"),
    model: async () => undefined,
  });

test("the example: eight votes and a featuring are worth nine, and one is worth one", async () => {
  const [many, fresh, again] = (await view()).example.curves;
  expect(many.points[0].score).toBe(1);
  // Featured at 0 and voted for 6 h later: 8 + 2^(-1/8) there, and 31/8 half-lives less at the end.
  const peak = 8 + 2 ** (-1 / 8);
  expect(many.points[2]).toEqual({ day: 0.25, score: expect.closeTo(peak, 9) });
  expect(many.points[3]).toEqual({ day: 8, score: expect.closeTo(peak * 2 ** (-31 / 8), 9) });
  expect(fresh.points).toEqual([
    { day: 6, score: 1 },
    { day: 8, score: 0.5 },
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
