module.exports = { moduleFileExtensions: ["js", "cjs"], testEnvironment: "jsdom", testMatch: ["**/*.test.cjs"], transform: {} };
