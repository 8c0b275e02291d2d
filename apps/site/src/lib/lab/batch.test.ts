import { Collector, matrix, note, point, points, progress, replacePoints } from "@gradus/papers";
import fc from "fast-check";
import { expect, test } from "vitest";
import { EventBatch } from "./batch.ts";

test("a page that gets batches shows what one that gets every event shows", () => {
  const event = fc.oneof(
    fc
      .tuple(fc.constantFrom("loss", "margin"), fc.constantFrom("a", "b"), fc.nat(9), fc.nat(9))
      .map(([plot, series, x, y]) => point(plot, series, x, y)),
    fc.nat(9).map((x) =>
      points("loss", "a", [
        { x, y: x },
        { x: x + 1, y: x },
      ]),
    ),
    fc
      .tuple(fc.constantFrom("a", "b"), fc.nat(9))
      .map(([series, y]) => replacePoints("loss", series, [{ x: 0, y }])),
    fc.nat(9).map((n) => matrix("kernel", "K", { rows: ["a"], columns: ["a"], values: [n] })),
    fc.string({ maxLength: 3 }).map(note),
    fc.nat(9).map((n) => progress(n / 9, String(n))),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(event, fc.boolean())), (events) => {
      const every = new Collector();
      const batched = new Collector();
      const batch = new EventBatch();
      const flush = () => {
        for (const e of batch.take()) batched.add(e);
      };
      for (const [e, send] of events) {
        every.add(e);
        batch.add(e);
        if (send) flush();
      }
      flush();
      expect(batched.series).toEqual(every.series);
      expect(batched.matrices).toEqual(every.matrices);
      expect(batched.notes).toEqual(every.notes);
    }),
    { seed: 3, numRuns: 200 },
  );
});

test("many points are one event, only the latest progress is sent, and stages stay behind", () => {
  const batch = new EventBatch();
  for (let i = 0; i < 1000; i++) {
    batch.add(point("loss", "a", i, i));
    batch.add(progress(i / 1000, `step ${i}`));
  }
  batch.add({ kind: "stage", key: "one", value: new Float64Array(10) });
  batch.add({ kind: "note", text: "one" });
  const events = batch.take();
  expect(events.map(({ kind }) => kind)).toEqual(["points", "note", "progress"]);
  expect(events[0]).toMatchObject({ plot: "loss", series: "a", points: { length: 1000 } });
  expect(events[2]).toMatchObject({ message: "step 999" });
  expect(batch.take()).toEqual([]);
});
