/** What a person or a model says of a company. */
export const VERDICTS = ['keep', 'drop', 'maybe'] as const;
export type Verdict = (typeof VERDICTS)[number];
