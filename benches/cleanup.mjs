// What the runners of tests/consumers ask of a test: a place to say what is to be done once it is over.

export async function withCleanup(use) {
  const chores = [];
  try {
    return await use({ after: (chore) => chores.unshift(chore) });
  } finally {
    for (const chore of chores) await chore();
  }
}
