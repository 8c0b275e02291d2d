export declare function hashOf(paths: readonly string[]): string;
