export type { Sweeps } from "../sweeps.ts";
export { DesignColumns, designColumns } from "./design-columns.ts";
