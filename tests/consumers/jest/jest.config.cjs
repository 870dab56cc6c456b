module.exports = {
  moduleFileExtensions: ["js", "cjs"],
  testMatch: ["**/*.test.cjs"],
  // Not a limit on how fast anything is: in real time a poll takes seconds.
  testTimeout: 120_000,
  transform: {},
};
