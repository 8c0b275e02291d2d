import type { PlotSpecification } from "@gradus/papers";
import { DOMParser } from "linkedom";
import { describe, expect, test } from "vitest";
import { figureElement, figureFile } from "./svg-text.ts";

const loss: PlotSpecification = {
  id: "loss",
  title: "Loss of <two> methods & a bound",
  x: { label: "steps" },
  y: { label: "L_t (nats)", scale: "log" },
  mark: "line",
  series: ["ours", "theirs"],
  references: ["bound"],
};
const decay = (rate: number) =>
  Array.from({ length: 200 }, (_, i) => ({ x: i, y: Math.exp(-rate * i) * (1.5 + Math.sin(i)) }));
const data = { ours: decay(0.05), theirs: decay(0.049), bound: decay(0.048) };

const bars: PlotSpecification = {
  id: "bars",
  title: "Accuracy",
  x: { label: "data set" },
  y: { label: "accuracy (%)" },
  mark: "bar",
};
const scores = {
  ours: [
    { x: "iris", y: 96 },
    { x: "wine", y: 98 },
  ],
};

function parse(svg: string | undefined) {
  const document = new DOMParser().parseFromString(svg ?? "", "image/svg+xml");
  const texts = [...document.querySelectorAll("text")].map((text) => text.textContent);
  return { root: document.documentElement, document, texts };
}

describe("a figure as a file", () => {
  test("is as small as a list wants it, without title, legend and background", () => {
    const whole = parse(figureFile(bars, { ours: scores.ours, theirs: scores.ours }));
    const small = { title: false, legend: false, background: false, width: 280, height: 170 };
    const { root, texts, document } = parse(
      figureFile(bars, { ours: scores.ours, theirs: scores.ours }, small),
    );
    expect(whole.texts).toEqual(expect.arrayContaining([bars.title, "ours", "theirs"]));
    for (const text of [bars.title, "ours", "theirs"]) expect(texts).not.toContain(text);
    expect(texts).toEqual(expect.arrayContaining(["iris", "wine"]));
    expect(root?.getAttribute("width")).toBe("280");
    expect(document.querySelector("rect[width='100%']")).toBeNull();
    expect(whole.document.querySelector("rect[width='100%']")).not.toBeNull();
  });

  test("has its title, both axes with units and scale, and names every series once", () => {
    const { texts, root, document } = parse(figureFile(loss, data));
    expect(texts).toContain("Loss of <two> methods & a bound");
    expect(texts).toContain("Lt (nats), log scale");
    expect(texts).toContain("steps");
    for (const name of Object.keys(data)) expect(texts.filter((text) => text === name)).toHaveLength(1);
    expect(root.getAttribute("role")).toBe("img");
    expect(root.getAttribute("aria-label")).toContain("L_t (nats), log scale, against steps");
    expect(document.querySelector("title")?.textContent).toBe(loss.title);
  });

  test("ticks a logarithmic axis at powers of ten", () => {
    const { texts } = parse(figureFile(loss, data));
    expect(texts.filter((text) => /^10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+$|^0\.0?1$|^1$/.test(text ?? "")).length).toBeGreaterThan(
      2,
    );
  });

  test("has every color in both appearances and needs nothing from outside", () => {
    const file = figureFile(loss, data) ?? "";
    expect(file).not.toContain("var(");
    expect(file).not.toContain("color-mix");
    expect(file).not.toMatch(/\b(?:href|src|url\()/);
    const { document } = parse(file);
    const rules = document.querySelector("style")?.textContent ?? "";
    for (const element of document.querySelectorAll("[stroke='#0072b2']")) {
      const name = element
        .getAttribute("class")
        ?.split(" ")
        .find((one: string) => one.startsWith("stroke-"));
      expect(rules).toContain(`.${name}{stroke:#56b4e9}`);
    }
    expect(document.querySelectorAll("[stroke='#0072b2']").length).toBeGreaterThan(0);
    expect(document.querySelector("rect")?.getAttribute("fill")).toBe("#ffffff");
  });

  test("draws a line through all its points", () => {
    const three = { ours: [1, 2, 3].map((x) => ({ x, y: x * x })) };
    const linear = { ...loss, y: { label: "y" } };
    const { document } = parse(figureFile(linear, three));
    const path = [...document.querySelectorAll("path[d]")]
      .map((element) => element.getAttribute("d") ?? "")
      .find((d) => (d.match(/[ML]/g) ?? []).length === 3);
    const places = [...(path?.matchAll(/[ML]([\d.]+),([\d.]+)/g) ?? [])].map(([, x, y]) => [
      Number(x),
      Number(y),
    ]);
    const [[x1, y1], [x2, y2], [x3, y3]] = places;
    expect((x2 - x1) / (x3 - x1)).toBeCloseTo(1 / 2, 2);
    // heights 1, 4, 9: the middle one is 3 / 8 of the way up
    expect((y1 - y2) / (y1 - y3)).toBeCloseTo(3 / 8, 2);
  });

  test("says bars' values and turns them where their names need room", () => {
    const upright = parse(figureFile(bars, scores));
    expect(upright.texts).toEqual(expect.arrayContaining(["96", "98", "iris", "wine", "accuracy (%)"]));
    const long = {
      ours: Array.from({ length: 9 }, (_, i) => ({ x: `a data set with a long name ${i}`, y: i })),
    };
    const { texts } = parse(figureFile(bars, long, { width: 330 }));
    // Lying bars: the categories' axis is named first, above.
    expect(texts.indexOf("data set")).toBeLessThan(texts.indexOf("accuracy (%)"));
  });

  test("is not made of nothing", () => {
    const small = { title: false, legend: false, background: false, width: 280, height: 170 };
    expect(figureFile(loss, {}, small)).toBeUndefined();
    expect(figureFile(loss, {})).toBeUndefined();
    expect(figureFile(loss, { ours: [{ x: 1, y: Number.NaN }] })).toBeUndefined();
  });
});

describe("a figure for a page", () => {
  test("takes the page's colors and leaves the title to it", () => {
    const element = figureElement(loss, data) ?? "";
    expect(element).toContain("var(--series-1)");
    expect(element).not.toContain("<style");
    expect(parse(element).texts).not.toContain(loss.title);
  });

  test.each([330, 680, 1000])("keeps legend and labels within %i pixels", (width) => {
    const many = Object.fromEntries(
      Array.from({ length: 9 }, (_, i) => [`a series of some name, number ${i}`, decay(0.01 * i)]),
    );
    const { root, document } = parse(figureElement(loss, many, { width }));
    const [, , w, h] = (root.getAttribute("viewBox") ?? "").split(" ").map(Number);
    expect(w).toBe(width);
    for (const text of document.querySelectorAll("text[font-size='12']")) {
      expect(Number(text.getAttribute("x"))).toBeGreaterThanOrEqual(0);
      expect(Number(text.getAttribute("x"))).toBeLessThan(width);
      expect(Number(text.getAttribute("y"))).toBeLessThan(h);
    }
  });
});
