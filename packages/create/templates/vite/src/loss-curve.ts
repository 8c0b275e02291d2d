const SVG = "http://www.w3.org/2000/svg";
/** The axis of the loss is logarithmic. */
const [TOP, BOTTOM] = [3, 0.01];
const TICKS = [1, 0.1, 0.01];

/** Percent of the plot's height, from its top; smaller losses stay at its foot. */
const height = (loss: number): number => Math.min(100, (100 * Math.log(TOP / loss)) / Math.log(TOP / BOTTOM));

function element(name: string, attributes: Record<string, string | number>): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

function label(text: string): HTMLElement {
  const made = document.createElement("span");
  made.textContent = text;
  return made;
}

/** Where a curve is drawn: the svg is stretched by its style, so texts stand beside it. */
export interface Plot {
  readonly svg: SVGSVGElement;
  readonly lossAxis: HTMLElement;
  readonly epochAxis: HTMLElement;
}

/** Draws the axes of a curve, and returns a function that draws the losses so far. */
export function lossCurve({ svg, lossAxis, epochAxis }: Plot, { epochs }: { epochs: number }) {
  svg.setAttribute("viewBox", "0 0 100 100");
  svg.setAttribute("preserveAspectRatio", "none");
  for (const tick of TICKS) {
    svg.append(element("line", { class: "grid", x1: 0, x2: 100, y1: height(tick), y2: height(tick) }));
    const text = label(String(tick));
    text.style.top = `${height(tick)}%`;
    lossAxis.append(text);
  }
  epochAxis.append(label("0"), label("Epoch"), label(String(epochs)));
  const line = element("polyline", { class: "line" });
  svg.append(line);
  return (losses: readonly number[]): void => {
    const points = losses.map((loss, i) => `${(100 * (i + 1)) / epochs},${height(loss)}`);
    line.setAttribute("points", points.join(" "));
  };
}
