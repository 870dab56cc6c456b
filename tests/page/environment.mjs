// What the test command passes through the environment.

export function fromEnvironment(variable, meaning) {
  const value = process.env[variable];
  if (!value) throw new Error(`Set ${variable} to ${meaning}.`);
  return value;
}
