/** Width and height in pixels. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** The size that a PNG file states in its first chunk (ISO/IEC 15948, 11.2.2). */
function pngSize(bytes: Uint8Array): ImageSize | undefined {
  if (bytes.length < 24 || !PNG.every((byte, i) => bytes[i] === byte)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

/** The size that a JPEG file states in its frame header (ISO/IEC 10918-1, B.2.2). */
function jpegSize(bytes: Uint8Array): ImageSize | undefined {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 2; at + 9 < bytes.length; ) {
    const marker = bytes[at + 1];
    if (bytes[at] !== 0xff) return undefined;
    // Frame headers are SOF0 to SOF15 without DHT (C4), JPG (C8) and DAC (CC); FF fills.
    if (marker === 0xff) at += 1;
    else if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))
      return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    else at += 2 + view.getUint16(at + 2);
  }
  return undefined;
}

/** The size of a PNG or JPEG file by its header; undefined for other files. */
export const imageSize = (bytes: Uint8Array): ImageSize | undefined => pngSize(bytes) ?? jpegSize(bytes);

/** The media type of a file whose size is known. */
export const mediaType = (bytes: Uint8Array): string => (bytes[0] === 0xff ? "image/jpeg" : "image/png");
