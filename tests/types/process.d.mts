// What programs of README.md use of Node.
declare global {
  const process: { readonly env: { readonly EXTRACTA_API_KEY?: string } };
}

export {};
