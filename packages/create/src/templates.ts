/** The templates, the default one first. */
export const templateNames = ["node", "vite"] as const;

export type TemplateName = (typeof templateNames)[number];

/** What each template makes, for people. */
export const templateDescriptions: Readonly<Record<TemplateName, string>> = {
  node: "a Node program that trains a classifier of tumors and saves it as an ONNX file",
  vite: "a page that learns to read handwritten digits in the browser",
};
