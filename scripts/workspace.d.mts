export declare const root: string;
export declare const node24: string;

export interface LockedPackage {
  readonly version?: string;
  readonly integrity?: string;
  readonly optional?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
export interface PackageLock {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}
export declare function isInstalled(wanted: PackageLock, installed: PackageLock): boolean;
