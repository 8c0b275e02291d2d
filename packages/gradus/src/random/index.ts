export { categoricalSampler } from "./categorical.ts";
export { type RandomStream, randomStream, randomStreamFrom } from "./stream.ts";
