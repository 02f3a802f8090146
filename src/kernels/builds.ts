/** The three ways to compile and run the kernels; see the README, "Numerics". */
export const BUILDS = ["strict", "relaxed", "tuned"] as const;

export type Build = (typeof BUILDS)[number];
