// Not a limit on how fast anything is: in real time a poll takes seconds.
export default { test: { testTimeout: 120_000 } };
