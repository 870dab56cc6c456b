// The soak in short: `cargo xtask soak --worker` is the long one.
import { test } from "node:test";
import { soak } from "./soak.mjs";

test("half a minute of everything at once: nothing is lost, the floor holds, and no answer is 500", async (t) => {
  t.diagnostic(JSON.stringify(await soak(t, { seconds: 30, seed: 15 })));
});
