// Whether the page is there: shown again after it was hidden, back on the network after it was off.

// Only pages and their workers are listened to: elsewhere there is neither.
export const isPage = () => typeof globalThis.navigator?.onLine === "boolean";

// Whether the platform says, with certainty, that there is no network.
export const isOffline = () => globalThis.navigator?.onLine === false;

// Calls `heard` when the page is shown or hidden, and when it is on the network again; what is returned ends that.
export function listen(heard) {
  const places = [[globalThis.document, "visibilitychange"], [globalThis, "online"]];
  const listened = places.filter(([target]) => typeof target?.addEventListener === "function");
  for (const [target, event] of listened) target.addEventListener(event, heard);
  return () => {
    for (const [target, event] of listened) target.removeEventListener(event, heard);
  };
}
