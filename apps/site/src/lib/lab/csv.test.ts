import { expect, test } from "vitest";
import { plotCsv, tableCsv } from "./csv.ts";

test("a row a point, quoted where a comma or a quotation mark asks for it", () => {
  const plot = { id: "p", title: "P", x: { label: "step γ, log" }, y: { label: "T" }, mark: "line" } as const;
  const csv = plotCsv(plot, {
    "LR+GD": [
      { x: 1, y: 3016 },
      { x: 1e6, y: 1e-9 },
    ],
    'the "hard" set': [{ x: "9:rest, 1", y: 2 }],
  });
  expect(csv).toBe(
    'series,"step γ, log",T\r\nLR+GD,1,3016\r\nLR+GD,1000000,1e-9\r\n"the ""hard"" set","9:rest, 1",2\r\n',
  );
});

test("a row a cell of a heat map", () => {
  const plot = {
    id: "k",
    title: "K",
    x: { label: "image" },
    y: { label: "image" },
    mark: "heat",
    color: { label: "Θ", kind: "sequential" },
  } as const;
  const csv = plotCsv(plot, { K: { rows: ["a", "b"], columns: ["a"], values: [2, null] } });
  expect(csv).toBe("series,row,column,Θ\r\nK,a,a,2\r\nK,b,a,\r\n");
  const bands = plotCsv(plot, { K: { rows: ["a", "a"], columns: ["-0.50"], values: [2, 3] } });
  expect(bands).toBe("series,row,column,Θ\r\nK,0,-0.5,2\r\nK,1,-0.5,3\r\n");
  const levels = plotCsv(plot, {
    K: { rows: ["1", "01", "2"], columns: ["1", "02"], values: [1, 2, 3, 4, 5, 6] },
  });
  expect(levels.split("\r\n").slice(1)).toEqual([
    ...["K,1,1,1", "K,1,2,2", "K,01,1,3", "K,01,2,4", "K,2,1,5", "K,2,2,6", ""],
  ]);
});

test("a table has its columns' labels and all digits; an empty cell is empty", () => {
  const csv = tableCsv({
    id: "t",
    title: "T",
    columns: [
      { key: "n", label: "n" },
      { key: "rate", label: "rate, per step" },
    ],
    rows: [
      { n: 10, rate: 0.1234567890123 },
      { n: 20, rate: null },
    ],
  });
  expect(csv).toBe('n,"rate, per step"\r\n10,0.1234567890123\r\n20,\r\n');
});
