export * from "./generators/blobs.ts";
export * from "./generators/circles.ts";
export * from "./generators/gaussian-pair.ts";
export * from "./generators/gaussian-random-field.ts";
export * from "./generators/gaussian-with-margin.ts";
export * from "./generators/moons.ts";
export * from "./generators/teacher-network.ts";
