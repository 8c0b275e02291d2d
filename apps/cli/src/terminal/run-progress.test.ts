import { defineExperiment, point, progress } from "@gradus/papers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { memoryOutput } from "../fixture/memory.ts";
import { barOf, Progress, timeLeft } from "./run-progress.ts";
import { displayWidth } from "./text.ts";

const definition = defineExperiment({
  description: "",
  parameters: z.object({}),
  profiles: { quick: {}, full: {} },
  seconds: { quick: 1, full: 1 },
  plots: [{ id: "loss", title: "Loss", x: { label: "epoch" }, y: { label: "nats" }, mark: "line" }],
  async *measure() {
    yield progress(1, "done");
    return {};
  },
  judge: () => [],
  present: () => ({ headline: "", summary: [], captions: {} }),
});
const experiment = { ...definition, id: "e", title: "E", claims: [] };

/** The screen after this output; it supports line ends, cursor up, carriage return and both erasures. */
function screen(text: string): string[] {
  const lines = [""];
  let row = 0;
  let column = 0;
  const ESCAPE = "\u001B";
  const pattern = new RegExp(`${ESCAPE}\\[([?\\d]*)([A-Za-z])|\\n|\\r|[^${ESCAPE}\\n\\r]+`, "g");
  for (const [token, count = "", code] of text.matchAll(pattern)) {
    if (token === "\n") {
      row += 1;
      column = 0;
      lines[row] ??= "";
    } else if (token === "\r") column = 0;
    else if (code === "A") row -= Number(count);
    else if (code === "K") lines[row] = lines[row].slice(0, column);
    else if (code === "J") {
      lines[row] = lines[row].slice(0, column);
      lines.length = row + 1;
    } else if (code === undefined) {
      lines[row] =
        lines[row].slice(0, column).padEnd(column) + token + lines[row].slice(column + token.length);
      column += token.length;
    }
  }
  return lines;
}

describe("Progress on a terminal", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("draws in place, the plot as it grows, and leaves nothing behind", () => {
    const output = memoryOutput({ animated: true, columns: 60, rows: 40 });
    output.write("before\n");
    const shown = new Progress(output);
    shown.begin("paper/e", experiment);
    for (let i = 0; i <= 4; i++) {
      shown.event(point("loss", "ours", i, 4 - i));
      shown.event(progress(i / 8, `epoch ${i}`));
      vi.advanceTimersByTime(1000);
    }
    const lines = screen(output.text);
    expect(lines[0]).toBe("before");
    expect(lines.filter((line) => line === "Loss")).toHaveLength(1);
    expect(lines.filter((line) => line === "paper/e")).toHaveLength(1);
    expect(lines.join("\n")).toContain("━━━━──── ");
    expect(lines.join("\n")).toContain(" 50%  5 s, about 5 s left");
    expect(lines.at(-2)).toBe("epoch 4");
    expect(lines.every((line) => displayWidth(line) < 60)).toBe(true);
    shown.stop();
    expect(screen(output.text)).toEqual(["before", ""]);
    const { text } = output;
    vi.advanceTimersByTime(5000);
    expect(output.text).toBe(text);
  });

  it("shows no plot if there is no room for one", () => {
    for (const size of [
      { columns: 40, rows: 40 },
      { columns: 80, rows: 12 },
    ]) {
      const output = memoryOutput({ animated: true, ...size });
      const shown = new Progress(output);
      shown.begin("paper/e", experiment);
      shown.event(point("loss", "ours", 1, 1));
      vi.advanceTimersByTime(1000);
      const lines = screen(output.text);
      shown.stop();
      expect(lines).toHaveLength(4);
      expect(lines.every((line) => displayWidth(line) < size.columns)).toBe(true);
    }
  });
});

describe("Progress elsewhere", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("writes a line at every tenth if the cursor cannot be moved", () => {
    const output = memoryOutput();
    const shown = new Progress(output);
    shown.begin("paper/e", experiment);
    for (let i = 0; i <= 100; i++) shown.event(progress(i / 100, `epoch ${i}`));
    shown.stop();
    const lines = output.text.trimEnd().split("\n");
    expect(lines).toHaveLength(11);
    expect(lines[0]).toBe("paper/e   0%  epoch 0");
    expect(lines[5]).toBe("paper/e  50%  epoch 50");
    expect(lines[10]).toBe("paper/e 100%  epoch 100");
    expect(output.text).not.toContain("\u001B");
  });

  it("announces a long run until its own pace is known", () => {
    const output = memoryOutput();
    const shown = new Progress(output);
    shown.begin("paper/e", experiment, 900);
    shown.event(progress(0, "epoch 0"));
    shown.begin("paper/e", experiment, 59);
    shown.event(progress(0, "epoch 0"));
    expect(output.text.trimEnd().split("\n")).toEqual([
      "paper/e   0%  epoch 0, about 15 min expected",
      "paper/e   0%  epoch 0",
    ]);
  });

  it("counts what earlier sessions took, since a resumed run comes that far at once", () => {
    const output = memoryOutput();
    const shown = new Progress(output);
    shown.begin("paper/e", experiment, 900, 110);
    shown.event(progress(0, "epoch 0"));
    vi.advanceTimersByTime(10_000);
    shown.event(progress(0.25, "epoch 25"));
    expect(output.text.trimEnd().split("\n")).toEqual([
      "paper/e   0%  epoch 0",
      "paper/e  25%  epoch 25, about 6 min left",
    ]);
  });
});

it("draws the bar in proportion", () => {
  expect(barOf(0, 4)).toBe("────");
  expect(barOf(0.5, 4)).toBe("━━──");
  expect(barOf(1, 4)).toBe("━━━━");
});

it("estimates the time left from the pace of this session, once it is known", () => {
  expect(timeLeft(0.5, 0, 30)).toBe(", about 30 s left");
  expect(timeLeft(0.9, 0.8, 30)).toBe(", about 30 s left");
  expect(timeLeft(0.01, 0, 30)).toBe("");
  expect(timeLeft(1, 0, 30)).toBe("");
});
