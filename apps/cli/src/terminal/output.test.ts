import { expect, it } from "vitest";
import { palette } from "./color.ts";
import { colorDepth, streamOutput } from "./output.ts";

const terminal = { write: () => true, isTTY: true, columns: 100, rows: 30 };
const pipe = { write: () => true, isTTY: false };
const env = { TERM: "xterm-256color" };

it("shows color only on terminals, and only if wanted", () => {
  expect(colorDepth(terminal, env)).toBe(8);
  expect(colorDepth(terminal, { ...env, COLORTERM: "truecolor" })).toBe(24);
  expect(colorDepth(terminal, { ...env, NO_COLOR: "1" })).toBe(1);
  expect(colorDepth(terminal, { TERM: "dumb" })).toBe(1);
  expect(colorDepth(pipe, env)).toBe(1);
  expect(colorDepth(pipe, { ...env, FORCE_COLOR: "1" })).toBe(4);
});

it("moves the cursor only on capable terminals, and not under CI", () => {
  expect(streamOutput(terminal, env).animated).toBe(true);
  expect(streamOutput(terminal, { ...env, NO_COLOR: "1" }).animated).toBe(true);
  expect(streamOutput(terminal, { ...env, CI: "true" }).animated).toBe(false);
  expect(streamOutput(terminal, { TERM: "dumb" }).animated).toBe(false);
  expect(streamOutput(pipe, env).animated).toBe(false);
});

it("has the width of the terminal, at most 120; elsewhere COLUMNS, or 80", () => {
  expect(streamOutput(terminal, env).columns).toBe(100);
  expect(streamOutput({ ...terminal, columns: 300 }, env).columns).toBe(120);
  expect(streamOutput(pipe, env).columns).toBe(80);
  expect(streamOutput(pipe, { COLUMNS: "60" }).columns).toBe(60);
});

it("bounds lines where a terminal or COLUMNS says how wide they may be", () => {
  expect(streamOutput(terminal, env).bounded).toBe(true);
  expect(streamOutput(pipe, { COLUMNS: "60" }).bounded).toBe(true);
  expect(streamOutput(pipe, env).bounded).toBe(false);
});

it("uses green and vermilion only for verdicts", () => {
  for (const depth of [4, 8, 24] as const) {
    const { verdict, series } = palette(depth);
    const codes = [0, 1, 2, 3, 4].map((i) => series(i, ""));
    expect(new Set(codes).size).toBe(5);
    expect(codes).not.toContain(verdict("held", ""));
    expect(codes).not.toContain(verdict("did not hold", ""));
  }
  expect(palette(1).verdict("held", "● held")).toBe("● held");
});
