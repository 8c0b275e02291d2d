export declare function provideBuild(
  builds: string,
  name: string,
  build: (folder: string) => Promise<number>,
): Promise<number>;
export declare function useCurrentBuild(builds: string): string;
