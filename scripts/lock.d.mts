export declare function alone<T>(name: string, body: () => Promise<T>): Promise<T>;
