let context: CanvasRenderingContext2D | null | undefined;

/** The width in pixels of a text in the page's sans face; `font` is weight and size, such as `600 12px`. */
export function textWidth(text: string, font: string): number {
  context ??= document.createElement("canvas").getContext("2d");
  if (!context) return text.length * 7;
  context.font = `${font} ${getComputedStyle(document.body).fontFamily}`;
  return context.measureText(text).width;
}
