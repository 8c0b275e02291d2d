import { expect, test } from "vitest";
import { barPlot, dotPlot, heatPlot, linePlot, logAxis } from "./plots.ts";

test("a plot has its axes, its mark and what else is said of it", () => {
  expect(linePlot("loss", "Loss", "step", logAxis("loss"), { series: ["sgd"], references: ["1/k"] })).toEqual(
    {
      id: "loss",
      title: "Loss",
      x: { label: "step" },
      y: { label: "loss", scale: "log" },
      mark: "line",
      series: ["sgd"],
      references: ["1/k"],
    },
  );
  const marks = [dotPlot, barPlot, heatPlot].map((plot) => plot("id", "Title", "x", "y").mark);
  expect(marks).toEqual(["dot", "bar", "heat"]);
});
