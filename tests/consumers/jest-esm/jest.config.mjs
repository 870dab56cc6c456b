// Not a limit on how fast anything is: in real time a poll takes seconds.
export default { moduleFileExtensions: ["js", "mjs"], testMatch: ["**/*.test.mjs"], testTimeout: 120_000, transform: {} };
