// What the API may answer, as plain data: `fakeApi` adds the ids that were asked for.

const JSON_TYPE = { "content-type": "application/json" };

export function waiting(files = []) {
  return { status: 200, body: { status: "waiting", files: listed(files, "waiting") }, headers: JSON_TYPE };
}

export function done(files = [{}]) {
  return { status: 200, body: { files: listed(files, "processed") }, headers: JSON_TYPE };
}

export function failing(status, body = { error: `fakeApi answers ${status}` }, headers = {}) {
  const type = typeof body === "string" ? { "content-type": "text/plain" } : JSON_TYPE;
  return { status, body, headers: { ...type, ...headers } };
}

export function unreachable() {
  return { unreachable: true };
}

function listed(files, status) {
  if (!Array.isArray(files)) throw new TypeError("The files must be a list of objects, such as [{ fileName: \"a.pdf\", result: { total: \"1.00\" } }].");
  return files.map((file, at) => ({ fileId: `file-${at + 1}`, fileName: `file-${at + 1}.pdf`, status, ...file }));
}
