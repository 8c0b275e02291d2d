/** How the levels 0 to 255 of an image become numbers. */
export const pixelScales = {
  unit: "0 to 1",
  signed: "−1 to 1",
  bytes: "0 to 255",
  imagenet: "ImageNet’s mean and deviation",
} as const;
export type PixelScale = keyof typeof pixelScales;
export const isPixelScale = (word: string): word is PixelScale => Object.hasOwn(pixelScales, word);

/** Mean and deviation of red, green and blue in ImageNet, as torchvision's models take images. */
const MEAN = [0.485, 0.456, 0.406];
const DEVIATION = [0.229, 0.224, 0.225];

type PerChannel = (value: number, channel: number) => number;

/** Numbers from levels. */
export const scaled: Readonly<Record<PixelScale, PerChannel>> = {
  unit: (level) => level / 255,
  signed: (level) => level / 127.5 - 1,
  bytes: (level) => level,
  imagenet: (level, c) => (level / 255 - MEAN[c]) / DEVIATION[c],
};

/** Levels from numbers. */
export const levels: Readonly<Record<PixelScale, PerChannel>> = {
  unit: (value) => 255 * value,
  signed: (value) => 127.5 * (value + 1),
  bytes: (value) => value,
  imagenet: (value, c) => 255 * (value * DEVIATION[c] + MEAN[c]),
};
