import { expect, test } from "vitest";
import { z } from "zod";
import { defineExploration, initialValues, openExploration } from "./explore.ts";

const closed: string[] = [];
const exploration = defineExploration({
  title: "A line",
  description: "A line through the origin.",
  controls: [{ id: "slope", label: "slope", minimum: -1, maximum: 1, step: 0.1, initial: 0.5 }],
  plots: [{ id: "line", title: "line", x: { label: "x" }, y: { label: "y" }, mark: "line" }],
  kept: z.object({ end: z.number() }),
  open: async ({ end }) => ({
    show: async ({ slope }) => ({ line: { line: [{ x: end, y: slope * end }] } }),
    close: () => closed.push("closed"),
  }),
});

test("shows a function of the controls, on what the run kept as read back from text", async () => {
  const opened = await openExploration(exploration, JSON.parse(JSON.stringify({ end: 2 })));
  expect(await opened.show(initialValues(exploration.controls))).toEqual({
    line: { line: [{ x: 2, y: 1 }] },
  });
  opened.close();
  expect(closed).toEqual(["closed"]);
});

test("names what cannot be read and a control out of its bounds", async () => {
  await expect(openExploration(exploration, { end: "2" })).rejects.toThrow(
    "what the run kept for “A line” cannot be read: Invalid input",
  );
  const opened = await openExploration(exploration, { end: 2 });
  await expect(opened.show({ slope: 2 })).rejects.toThrow("slope must be in [-1, 1], got 2");
  await expect(opened.show({})).rejects.toThrow("slope must be in [-1, 1], got undefined");
  await expect(opened.show({ slope: 0, height: 1 })).rejects.toThrow('there is no control "height"');
});
