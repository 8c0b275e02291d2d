import { expect, test } from "vitest";
import { tableOf } from "./tables.ts";

test("a table has its headings in order and only cells that they name", () => {
  const rows = [
    { method: "sgd", loss: 0.5, path: [1, 2] },
    { loss: 0.25, method: "adam", note: null },
  ];
  expect(tableOf("losses", "Losses", { method: "method", loss: "final loss", note: "note" }, rows)).toEqual({
    id: "losses",
    title: "Losses",
    columns: [
      { key: "method", label: "method" },
      { key: "loss", label: "final loss" },
      { key: "note", label: "note" },
    ],
    rows: [
      { method: "sgd", loss: 0.5, note: null },
      { method: "adam", loss: 0.25, note: null },
    ],
  });
});
