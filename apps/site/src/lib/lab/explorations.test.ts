import { defineExploration, type Experiment } from "@gradus/papers";
import { expect, test } from "vitest";
import { z } from "zod";
import { Explorations } from "./explorations.ts";
import type { ExplorationAnswer } from "./protocol.ts";

let closed = 0;
const explore = defineExploration({
  title: "A line",
  description: "A line.",
  controls: [{ id: "slope", label: "slope", minimum: -1, maximum: 1, step: 0.1, initial: 0 }],
  plots: [],
  kept: z.object({ end: z.number() }),
  open: async ({ end }) => ({
    show: async ({ slope }) => ({ line: { line: [{ x: end, y: slope * end }] } }),
    close: () => {
      closed += 1;
    },
  }),
});

function setUp(experiment: object = { explore }) {
  const answers = new Map<number, ExplorationAnswer>();
  const explorations = new Explorations(
    async () => experiment as Experiment,
    (id, answer) => answers.set(id, answer),
    (error) => ({ name: "Error", message: (error as Error).message, details: "" }),
  );
  return { answers, explorations };
}
const opening = { kind: "open-exploration", paper: "p", experiment: "e" } as const;

test("opens, shows and closes; every answer can be sent to the page", async () => {
  const { answers, explorations } = setUp();
  await explorations.open({ ...opening, id: 1, explorable: { end: 2 } });
  await explorations.show({ kind: "explore", id: 2, exploration: 1, values: { slope: 0.5 } });
  expect(structuredClone(answers.get(1))).toMatchObject({
    view: { title: "A line", controls: [{ id: "slope" }] },
  });
  expect(structuredClone(answers.get(2))).toMatchObject({
    shown: { plots: { line: { line: [{ x: 2, y: 1 }] } } },
  });
  await explorations.close(1);
  await explorations.close(1);
  expect(closed).toBe(1);
  await explorations.show({ kind: "explore", id: 3, exploration: 1, values: { slope: 0 } });
  expect(answers.get(3)).toMatchObject({ failure: { message: "the exploration has been closed" } });
});

test("rows of a reader take the place of those to choose from, unless they cannot be read", async () => {
  let rows: readonly (readonly number[])[] = [[1, 2]];
  const choice = {
    table: () => ({ columns: ["a", "b"], rows }),
    replace: (own: typeof rows) => {
      rows = own;
    },
  };
  const rowed = { ...explore, open: async () => ({ choice, show: async () => ({}), close() {} }) };
  const { answers, explorations } = setUp({ explore: rowed });
  await explorations.open({ ...opening, id: 1, explorable: { end: 2 } });
  expect(answers.get(1)).toMatchObject({ rows: { columns: ["a", "b"], rows: [[1, 2]] } });
  await explorations.bringRows({ kind: "bring-rows", id: 2, exploration: 1, text: "b,a\n4,3\n6,5" });
  expect(structuredClone(answers.get(2))).toEqual({
    rows: {
      columns: ["a", "b"],
      rows: [
        [3, 4],
        [5, 6],
      ],
    },
  });
  await explorations.bringRows({ kind: "bring-rows", id: 3, exploration: 1, text: "a\n1" });
  expect(answers.get(3)).toMatchObject({ failure: { message: expect.stringContaining("“b”") } });
  expect(rows).toHaveLength(2);

  const plain = setUp();
  await plain.explorations.open({ ...opening, id: 1, explorable: { end: 2 } });
  await plain.explorations.bringRows({ kind: "bring-rows", id: 2, exploration: 1, text: "a\n1" });
  expect(plain.answers.get(2)).toMatchObject({ failure: { message: "there are no rows to choose from" } });
});

test("says why nothing opens", async () => {
  const { answers, explorations } = setUp();
  await explorations.open({ ...opening, id: 1, explorable: {} });
  expect(answers.get(1)).toMatchObject({ failure: { message: expect.stringContaining("cannot be read") } });
  const other = setUp({});
  await other.explorations.open({ ...opening, id: 1, explorable: {} });
  expect(other.answers.get(1)).toMatchObject({ failure: { message: "e has nothing to explore" } });
});
