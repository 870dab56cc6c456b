import type { SharedPacing } from "./index.js";

/**
 * The client's option `sharePacing` for one lane of all tabs and workers of a web origin, service workers and extensions
 * included. They meet in a record in IndexedDB, under a Web Lock that is held for the reservation only. Loads nothing, and does
 * nothing until a client asks for a slot.
 *
 * @throws {TypeError} An option has a wrong value.
 */
export function originPacing(options?: OriginPacingOptions): SharedPacing;

export interface OriginPacingOptions {
  /**
   * Called once, with the reason, where Web Locks or IndexedDB cannot be used (Node, a sandboxed frame): this page, worker or
   * process then has its lanes to itself. What it throws is ignored. Default: none.
   */
  onFallback?: ((reason: string) => void) | undefined;
}
