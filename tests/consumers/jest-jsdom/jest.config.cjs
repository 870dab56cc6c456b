module.exports = {
  moduleFileExtensions: ["js", "cjs"],
  testEnvironment: "jsdom",
  testMatch: ["**/*.test.cjs"],
  // Not a limit on how fast anything is.
  testTimeout: 120_000,
  transform: {},
};
