export function resultsOf(batch: object): Promise<{ status: string }[]>;
