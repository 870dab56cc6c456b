// Chromium through Playwright, which package.json beside this brings.
import { chromium } from "@playwright/test";

// Chromium's sandbox does not work as root.
const AS_ROOT = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
const QUIET = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** Starts the Chromium of that path. It talks to nobody but the servers of its pages. */
export function launch(executablePath, args = [], options = {}) {
  return chromium.launch({ executablePath, args: [...AS_ROOT, ...QUIET, ...args], ...options });
}

/** Starts one with an extension, from its folder, and a profile of its own; gives its only context. */
export function launchWithExtension(executablePath, extension, profile) {
  const args = [...AS_ROOT, ...QUIET, `--disable-extensions-except=${extension}`, `--load-extension=${extension}`];
  // Playwright turns extensions off, unless it is not to.
  return chromium.launchPersistentContext(profile, { executablePath, args, ignoreDefaultArgs: ["--disable-extensions"] });
}
