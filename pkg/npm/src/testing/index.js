// For the tests of apps that use the client: an API that answers as a test says, and lanes that forget. Plain JavaScript.
export { fakeApi } from "./fake-api.js";
export { resetLanes } from "./lanes.js";
export { done, failing, unreachable, waiting } from "./replies.js";
