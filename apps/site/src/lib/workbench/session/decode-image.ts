import type { DecodeImage } from "../image-rows.ts";

/** Decodes an image file by the browser, scaled to a size; where it is transparent it is black. */
export const decodeImage: DecodeImage = async (file, { width, height }) => {
  const bitmap = await createImageBitmap(file, {
    ...{ resizeWidth: width, resizeHeight: height, resizeQuality: "high" },
  });
  try {
    const context = new OffscreenCanvas(width, height).getContext("2d");
    if (!context) throw new Error("no canvas");
    context.fillStyle = "black";
    context.fillRect(0, 0, width, height);
    context.drawImage(bitmap, 0, 0, width, height);
    return context.getImageData(0, 0, width, height).data;
  } finally {
    bitmap.close();
  }
};
