const SVG = "http://www.w3.org/2000/svg";
/** The axis of the loss is logarithmic, from the largest of these to the smallest. */
const TICKS = [10, 1, 0.1, 0.01];

const height = (loss: number): number => {
  const [top, bottom] = [Math.log(TICKS[0]), Math.log(TICKS[TICKS.length - 1])];
  return (100 * (top - Math.log(loss))) / (top - bottom);
};

function element(name: string, attributes: Record<string, string | number>): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

/**
 * Draws a curve into an svg that its style stretches: its coordinates are percentages, and texts stand beside it.
 *
 * @returns a function that draws the losses so far
 */
export function lossCurve(svg: SVGSVGElement, axis: HTMLElement, { epochs }: { epochs: number }) {
  svg.setAttribute("viewBox", "0 0 100 100");
  svg.setAttribute("preserveAspectRatio", "none");
  const line = element("polyline", { class: "line" });
  for (const tick of TICKS) {
    svg.append(element("line", { class: "grid", x1: 0, x2: 100, y1: height(tick), y2: height(tick) }));
    const label = document.createElement("span");
    label.textContent = String(tick);
    label.style.top = `${height(tick)}%`;
    axis.append(label);
  }
  svg.append(line);
  return (losses: readonly number[]): void => {
    const points = losses.map((loss, i) => `${(100 * (i + 1)) / epochs},${Math.min(100, height(loss))}`);
    line.setAttribute("points", points.join(" "));
  };
}
