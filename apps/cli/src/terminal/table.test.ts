import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { palette } from "./color.ts";
import { layoutTable, type TableColumn } from "./table.ts";
import { displayWidth } from "./text.ts";

fc.configureGlobal({ seed: 1, numRuns: 300 });

const columns: readonly TableColumn[] = [
  { header: "claim" },
  { header: "measured", align: "right", wraps: false },
  { header: "verdict", wraps: false },
];
const row = (...texts: string[]) => texts.map((text) => ({ text }));

describe("layoutTable", () => {
  it("aligns columns", () => {
    const rows = [row("C1", "0.5", "● held"), row("C12", "12", "○ not run")];
    expect(layoutTable(columns, rows, { width: 80 })).toEqual([
      "claim  measured  verdict",
      "C1          0.5  ● held",
      "C12          12  ○ not run",
    ]);
  });

  it("wraps the cells that may wrap if the line is too narrow", () => {
    const rows = [row("a statement of several words", "0.5", "● held")];
    expect(layoutTable(columns, rows, { width: 34 })).toEqual(
      ["claim             measured  verdict", "a statement of         0.5  ● held", "several words"].map(
        (line) => line.replace("claim  ", "claim ").replace("of  ", "of "),
      ),
    );
  });

  it("breaks headers before cells", () => {
    const headed = [{ header: "what it is called" }, { header: "how much there is of it" }];
    expect(layoutTable(headed, [row("one thing", "12 of them")], { width: 22 })).toEqual([
      "what it is  how much",
      "called      there is",
      "            of it",
      "one thing   12 of them",
    ]);
  });

  it("turns rows into records if the columns do not fit side by side", () => {
    const rows = [row("C1", "0.5", "● held"), row("", "12", "○ not run")];
    expect(layoutTable(columns, rows, { width: 18 })).toEqual([
      "claim  C1",
      "measured  0.5",
      "verdict  ● held",
      "",
      "measured  12",
      "verdict  ○ not run",
    ]);
  });

  it("styles only the text", () => {
    const { strong, verdict } = palette(4);
    const cell = { text: "0.5", style: (text: string) => verdict("held", text) };
    const lines = layoutTable([{ header: "x", align: "right" }], [[cell], row("1234567")], {
      width: 20,
      header: strong,
    });
    expect(lines).toEqual(["      \u001B[1mx\u001B[22m", "    \u001B[32m0.5\u001B[39m", "1234567"]);
  });

  const text = fc.string({ unit: "grapheme", maxLength: 40 });
  const table = fc.integer({ min: 1, max: 6 }).chain((count) =>
    fc.record({
      columns: fc.array(
        fc.record({ header: text, align: fc.constantFrom("left", "right"), wraps: fc.boolean() }),
        { minLength: count, maxLength: count },
      ),
      rows: fc.array(fc.array(text, { minLength: count, maxLength: count }), { maxLength: 4 }),
    }),
  );

  it("never exceeds the width, in any layout", () => {
    fc.assert(
      fc.property(table, fc.integer({ min: 4, max: 120 }), (t, width) => {
        const { strong, muted } = palette(24);
        const rows = t.rows.map((cells) => cells.map((cell) => ({ text: cell, style: muted })));
        for (const line of layoutTable(t.columns, rows, { width, header: strong }))
          expect(displayWidth(line)).toBeLessThanOrEqual(width);
      }),
    );
  });

  it("loses no character of a cell", () => {
    const letters = (value: string) => [...value.replaceAll(/\s/g, "")].sort().join("");
    fc.assert(
      fc.property(table, fc.integer({ min: 4, max: 120 }), (t, width) => {
        const plain = t.columns.map((column) => ({ ...column, header: "" }));
        const rows = t.rows.map((cells) => row(...cells));
        const shown = layoutTable(plain, rows, { width }).join("\n");
        expect(letters(stripVTControlCharacters(shown))).toBe(
          letters(stripVTControlCharacters(t.rows.flat().join(""))),
        );
      }),
    );
  });
});
