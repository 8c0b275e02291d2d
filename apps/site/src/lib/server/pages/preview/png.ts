import { readFile } from "node:fs/promises";
import { initWasm, Resvg } from "@resvg/resvg-wasm";

/** The faces that pictures are written in: they have Greek and mathematical signs. */
const FACES = ["DejaVuSans", "DejaVuSans-Bold", "DejaVuSerif", "DejaVuSerif-Bold"];

const readModule = (name: string) => readFile(new URL(import.meta.resolve(name)));

async function load(): Promise<Uint8Array[]> {
  const [wasm, ...fonts] = await Promise.all([
    readModule("@resvg/resvg-wasm/index_bg.wasm"),
    ...FACES.map((face) => readModule(`dejavu-fonts-ttf/ttf/${face}.ttf`)),
  ]);
  await initWasm(wasm);
  return fonts;
}

let loaded: Promise<Uint8Array[]> | undefined;

/** The text of an SVG file as a PNG file. */
export async function pngOf(svg: string): Promise<Uint8Array<ArrayBuffer>> {
  loaded ??= load();
  const resvg = new Resvg(svg, {
    font: {
      fontBuffers: await loaded,
      defaultFontFamily: "DejaVu Sans",
      sansSerifFamily: "DejaVu Sans",
      serifFamily: "DejaVu Serif",
      monospaceFamily: "DejaVu Sans",
    },
  });
  try {
    const image = resvg.render();
    try {
      return Uint8Array.from(image.asPng());
    } finally {
      image.free();
    }
  } finally {
    resvg.free();
  }
}
