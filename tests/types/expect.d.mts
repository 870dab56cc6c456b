/** `true` only when both types are the same to the compiler, `any` and `never` included. */
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only with `true`. */
export declare function check<_T extends true>(): void;
