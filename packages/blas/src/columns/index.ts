export { DesignColumns, designColumns } from "./design-columns.ts";
