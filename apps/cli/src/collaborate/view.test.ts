import { expect, it } from "vitest";
import type { PeerReport } from "./control-messages.ts";
import type { CollaborativeRecord } from "./record.ts";
import { collaborativeView, progressLine } from "./view.ts";

type Counts = Pick<PeerReport, "rejected" | "ignored">;

/** By peer; the last is Byzantine. */
const counts: readonly (Counts | undefined)[] = [
  { rejected: { size: 10, header: 2 }, ignored: { late: 280 } },
  { rejected: {}, ignored: { late: 4, repeated: 1 } },
  undefined,
];

const record: CollaborativeRecord = {
  id: "0000002a",
  plan: {
    run: 42,
    createdAt: "2026-01-01T00:00:00.000Z",
    peers: 3,
    byzantine: 1,
    attack: "garbage",
    method: "MoNNA",
    transport: "in-process",
    steps: 10,
    batch: 25,
    concentration: 1,
    seed: 1,
    deadline: 5000,
  },
  finished: true,
  seconds: 1,
  curve: [{ step: 10, mean: 0.8, least: 0.7, most: 0.9, peers: 2 }],
  nodes: counts.map((own, node) => ({
    node,
    byzantine: own === undefined,
    state: "finished",
    restarts: 0,
    report: own
      ? {
          kind: "report",
          step: 10,
          accuracy: 0.8,
          missedDeadlines: 0,
          caughtUp: 0,
          bytesSent: 1e6,
          finished: true,
          ...own,
        }
      : null,
  })),
};

it("counts rejected and ignored messages like the record", () => {
  const { sentences, table } = collaborativeView(record);
  expect(sentences).toContain(
    "12 messages rejected (size 10, header 2); 285 messages ignored (late 284, repeated 1).",
  );
  expect(table.rows.map(({ rejected, ignored }) => [rejected, ignored])).toEqual([
    [12, 280],
    [0, 5],
    [null, null],
  ]);
  expect(progressLine(record)).toContain("12 rejected");
});
