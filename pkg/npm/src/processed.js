export function isProcessed(file) {
  return file.status === "processed" && file.result !== undefined && file.result !== null;
}
