/** Where symbols are documented. */
export interface Addresses {
  /** The address of what a reflection, by its number, is documented as. */
  of(id: number): string | undefined;
  /** The address of what an import of that name gives. */
  named(name: string): string | undefined;
}
