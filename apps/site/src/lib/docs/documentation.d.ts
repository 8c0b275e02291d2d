declare module "virtual:gradus-docs" {
  const content: Pick<import("@gradus/docs/model").Documentation, "guides" | "packages">;
  export default content;
}

declare module "virtual:gradus-docs/sources" {
  const sources: import("@gradus/docs/model").Documentation["sources"];
  export default sources;
}
