import { array } from "@gradus/graph";
import { type Images, SIDE } from "./digits.ts";

const COUNT = 20;

/** Draws an 8 x 8 image: ink where pixels are 1. */
function drawing(pixels: ArrayLike<number>, digit: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = SIDE;
  canvas.height = SIDE;
  canvas.role = "img";
  canvas.ariaLabel = `A handwritten ${digit}`;
  const image = new ImageData(SIDE, SIDE);
  for (let i = 0; i < pixels.length; i++) image.data[4 * i + 3] = 255 * pixels[i];
  canvas.getContext("2d")?.putImageData(image, 0, 0);
  return canvas;
}

/** Shows the first images in a list, with room for the network's answers. */
export function showExamples(list: HTMLElement, { x, y }: Images) {
  const size = SIDE * SIDE;
  const pixels = Float32Array.from({ length: COUNT * size }, (_, i) => Number(x.data[i]));
  const items = Array.from({ length: COUNT }, (_, i) => {
    const digit = Number(y.data[i]);
    const text = document.createElement("span");
    text.textContent = "–";
    const item = document.createElement("li");
    item.append(drawing(pixels.subarray(i * size, (i + 1) * size), digit), text);
    list.append(item);
    return { digit, item, text };
  });
  return {
    x: array(pixels, [COUNT, size]),
    /** Shows what the network reads in each image. */
    answer(answers: readonly number[]): void {
      for (const [i, { digit, item, text }] of items.entries()) {
        const right = answers[i] === digit;
        item.classList.toggle("wrong", !right);
        text.textContent = right ? String(digit) : `${answers[i]}, not ${digit}`;
      }
    },
  };
}
